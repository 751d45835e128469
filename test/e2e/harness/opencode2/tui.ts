import { openTerminal, type Terminal, type TuiOptions } from "../tui.ts"
import { binary2 } from "./find-binary.ts"

/**
 * The terminal interface of OpenCode 2, with a server of its own that ends with it. Resolves when the prompt box
 * names this model: before that OpenCode has not read the configuration.
 */
export async function startTui2(model: string, options: TuiOptions = {}): Promise<Terminal> {
  const command = [await binary2(), "--standalone", ...(options.args ?? [])]
  // A narrow one names no agent.
  const named = new RegExp(`┃ +(?:Build .*)?${RegExp.escape(model)}`)
  return openTerminal({ ...options, opencode: { model, ...options.opencode } }, command, named)
}
