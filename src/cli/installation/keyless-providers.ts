import type { Environment } from "../../config/this-user.ts"
import type { Catalog } from "../../core/catalog.ts"
import { asArray, asObject, field } from "../../core/json-object.ts"
import { providerOf } from "../../core/model-ref.ts"
import type { OpenCodeAnswers } from "../opencode/ask-opencode.ts"
import { isOurs } from "../opencode/plugin-entries.ts"
import type { OwnSettings } from "./load-own-settings.ts"

/**
 * Providers that send nothing without a key through these packages, and variables that may hold one. Of all others nobody can
 * tell: they have variables of their own in OpenCode's list, serve local models, sign their requests or log in by themselves.
 */
const judged: Readonly<Record<string, readonly [npm: string, variables: RegExp]>> = {
  anthropic: ["@ai-sdk/anthropic", /^ANTHROPIC_/],
  google: ["@ai-sdk/google", /^(?:GOOGLE|GEMINI)_/],
  groq: ["@ai-sdk/groq", /^GROQ_/],
  mistral: ["@ai-sdk/mistral", /^MISTRAL_/],
  openai: ["@ai-sdk/openai", /^OPENAI_/],
  openrouter: ["@openrouter/ai-sdk-provider", /^OPENROUTER_/],
  xai: ["@ai-sdk/xai", /^XAI_/],
}

type Asked = {
  readonly answers: Pick<OpenCodeAnswers, "isVersion2"> | undefined
  readonly own: Pick<OwnSettings, "config" | "plugins">
  readonly catalog: Catalog
}

/**
 * Providers whose models can never answer, although OpenCode 1 lists them: it lists each that its configuration names, with
 * a key or without (1.18.33). OpenCode 2 has its credentials elsewhere.
 */
export function findKeyless(
  { answers, own: { config, plugins }, catalog }: Asked,
  { env, credentials }: { readonly env: Environment; readonly credentials: ReadonlyMap<string, unknown> },
): readonly string[] {
  // Another plugin, or an organisation's login, may give keys at the start.
  const mayComeLater = !plugins.every(isOurs) || [...credentials.values()].includes("wellknown")
  if (answers?.isVersion2 || !catalog.known || mayComeLater || env["OPENCODE_AUTH_CONTENT"]) return []
  const hasVariable = (isMeant: (name: string) => boolean): boolean =>
    Object.entries(env).some(([name, value]) => value !== undefined && value !== "" && isMeant(name))
  const configured = asObject(config["provider"])
  return Object.entries(judged).flatMap(([id, [home, variables]]) => {
    const provider = configured[id]
    const packages = [...catalog.models].flatMap(([key, { npm }]) =>
      providerOf(key) === id ? [npm ?? ""] : [],
    )
    const named = asArray(field(provider, "env"))
    const isKeyless =
      provider !== undefined &&
      packages.length > 0 &&
      packages.every((npm) => npm === home) &&
      !hasVariable((name) => variables.test(name) || named.includes(name)) &&
      !credentials.has(id) &&
      ["apiKey", "authToken"].every((key) => field(field(provider, "options"), key) === undefined)
    return isKeyless ? [id] : []
  })
}
