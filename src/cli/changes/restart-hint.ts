/** What makes OpenCode read its settings anew: closing the window of version 2 leaves its service running. */
export const restartHint = "restart OpenCode (version 2: `opencode reload`)"
