import { createPlugin } from "./opencode/v1/plugin.ts"
import { isContext } from "./opencode/v2/host/context.ts"

/** OpenCode 1.18 calls this as well, after `server`, and is spared what only OpenCode 2 needs. */
async function setup(context: unknown): Promise<unknown> {
  if (!isContext(context)) return undefined
  const { createSetup } = await import("./opencode/v2/setup.ts")
  return createSetup()(context)
}

/** OpenCode 1 takes `server`, OpenCode 2 `setup`. It calls every export of this file: there must be no other. */
export default { id: "understudy", server: createPlugin(), setup }
