import type { Environment } from "../../config/this-user.ts"
import type { Catalog } from "../../core/catalog.ts"
import { asArray, asObject, field } from "../../core/json-object.ts"
import { providerOf } from "../../core/model-ref.ts"
import { isOurs } from "../opencode/plugin-entries.ts"
import type { OwnSettings } from "./load-own-settings.ts"

/**
 * Packages that send nothing without a key, and variables that may hold one. Of all others nobody can tell: they serve local
 * models, sign their requests or log in by themselves.
 */
const variablesOf: Readonly<Record<string, RegExp>> = {
  "@ai-sdk/anthropic": /^ANTHROPIC_/,
  "@ai-sdk/google": /^(?:GOOGLE|GEMINI)_/,
  "@ai-sdk/groq": /^GROQ_/,
  "@ai-sdk/mistral": /^MISTRAL_/,
  "@ai-sdk/openai": /^OPENAI_/,
  "@ai-sdk/xai": /^XAI_/,
  "@openrouter/ai-sdk-provider": /^OPENROUTER_/,
}

/**
 * Providers whose models can never answer, although OpenCode 1 lists them: it lists each that its configuration names, with
 * a key or without (1.18.33).
 */
export function findKeyless(
  { config, plugins }: Pick<OwnSettings, "config" | "plugins">,
  catalog: Catalog,
  { env, credentials }: { readonly env: Environment; readonly credentials: ReadonlyMap<string, unknown> },
): readonly string[] {
  // Another plugin, or an organisation's login, may give keys at the start.
  const mayComeLater = !plugins.every(isOurs) || [...credentials.values()].includes("wellknown")
  if (!catalog.known || mayComeLater || env["OPENCODE_AUTH_CONTENT"]) return []
  const hasVariable = (isMeant: (name: string) => boolean): boolean =>
    Object.entries(env).some(([name, value]) => value !== undefined && value !== "" && isMeant(name))
  return Object.entries(asObject(config["provider"])).flatMap(([id, provider]) => {
    const packages = [...catalog.models].flatMap(([key, { npm }]) =>
      providerOf(key) === id ? [npm ?? ""] : [],
    )
    const named = asArray(field(provider, "env"))
    const isKeyless =
      packages.length > 0 &&
      packages.every(
        (npm) => variablesOf[npm] && !hasVariable((name) => variablesOf[npm]?.test(name) === true),
      ) &&
      !hasVariable((name) => named.includes(name)) &&
      !credentials.has(id) &&
      ["apiKey", "authToken"].every((key) => field(field(provider, "options"), key) === undefined)
    return isKeyless ? [id] : []
  })
}
