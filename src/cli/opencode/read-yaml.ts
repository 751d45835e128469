import { asArray, parseJsonText } from "../../core/json-object.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { withoutBunfig } from "./bun-runtime.ts"
import { runProgram } from "./run-program.ts"

/** One line: a shell, which npm's `opencode.cmd` takes, would end where it begins a new one. */
const script =
  "console.log(JSON.stringify((await Bun.stdin.json()).map((text) => { try { return Bun.YAML.parse(text) } catch { return null } })))"

const timeoutMs = 10_000

/** Node reads no YAML; the Bun inside OpenCode does, and is what OpenCode 2 itself would read it with (2.0.15). */
export async function readYaml(
  openCode: string,
  sources: readonly string[],
  { env, directory }: Pick<Terminal, "env" | "directory">,
): Promise<readonly unknown[]> {
  if (sources.length === 0) return []
  const options = { directory, env, timeoutMs, asBun: true, input: JSON.stringify(sources) }
  const result = await runProgram(openCode, [...withoutBunfig, "-e", script], options)
  return result.ok ? asArray(parseJsonText(result.output)) : []
}
