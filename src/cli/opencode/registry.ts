import { reasonOf } from "../../config/reason-of.ts"
import { withoutPassword } from "../../config/short-value.ts"
import { text } from "../../core/json-object.ts"
import type { Result } from "../terminal/result.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { packageFacts } from "./package-facts.ts"

const timeoutMs = 5_000
const usualRegistry = "https://registry.npmjs.org"

/**
 * The newest release on npm, or on the registry that npm is told to use. Only commands ask, never the plugin.
 *
 * @param wanted another version than the newest: whether it is there
 */
export async function releaseOnNpm(
  { env }: Pick<Terminal, "env">,
  wanted = "latest",
): Promise<Result<string> & { readonly isMissing?: boolean }> {
  const registry = env["npm_config_registry"] || env["NPM_CONFIG_REGISTRY"] || usualRegistry
  const host = URL.canParse(registry) ? new URL(registry).host : withoutPassword(registry)
  const address = `${registry.replace(/\/+$/, "")}/${packageFacts.name}/${wanted}`
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs) })
    const version = answer.ok ? text(await answer.json(), "version") : undefined
    if (version !== undefined) return { ok: true, value: version }
    return { ok: false, why: `${host} answered ${answer.status}`, isMissing: answer.status === 404 }
  } catch (error) {
    return { ok: false, why: `${host} could not be asked: ${withoutPassword(reasonOf(error))}` }
  }
}
