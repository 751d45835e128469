import { createPlugin } from "./plugin.ts"

/** OpenCode calls every export of this file: there must be no other. */
export default createPlugin()
