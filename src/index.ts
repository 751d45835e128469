import { createPlugin } from "./opencode/v1/plugin.ts"

/** OpenCode calls every export of this file: there must be no other. */
export default createPlugin()
