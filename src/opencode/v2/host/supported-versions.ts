/** The versions of OpenCode 2 that the end-to-end tests run on, and what should be like them. */
export const supportedVersions = "^2.0.15"
