/** What loading a plugin costs by itself, on either version of OpenCode. */
export default { id: "empty", server: async () => ({}), setup: async () => {} }
