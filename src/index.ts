import { createSetup } from "./opencode/v2/setup.ts"
import { createPlugin } from "./opencode/v1/plugin.ts"

/** OpenCode 1 takes `server`, OpenCode 2 `setup`. It calls every export of this file: there must be no other. */
export default { id: "understudy", server: createPlugin(), setup: createSetup() }
