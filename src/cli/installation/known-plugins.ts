import { mergeSettings } from "../../config/merge-settings.ts"
import { asObject, field, isObject, type JsonObject } from "../../core/json-object.ts"

/** A plugin that switches models on failure, as it is known from its published documentation. */
export type KnownPlugin = {
  readonly id: "oh-my-opencode" | "oh-my-opencode-slim" | "opencode-fallback"
  readonly title: string
  readonly matches: (name: string) => boolean
  /** Its settings files, the stronger one first: below the home folder with "~/", else in OpenCode's config folders. */
  readonly files: readonly string[]
  /** Whether it switches models, by its settings; `undefined`: it has none. */
  readonly acts: (settings: JsonObject | undefined) => boolean
  /** How to switch only its fallback off; `undefined`: it does nothing else, and goes as a whole. */
  readonly offSwitch: string | undefined
}

const named =
  (...names: readonly string[]) =>
  (name: string): boolean =>
    names.includes(name.toLowerCase())

const json = (name: string): readonly string[] => [`${name}.jsonc`, `${name}.json`]

export const unlessDisabled = (settings: JsonObject | undefined): boolean => settings?.["enabled"] !== false

/** `runtime_fallback` may be true, false or an object; it is off by default. `model_fallback` is another switch. */
function ohMyOpenCodeActs(settings: JsonObject | undefined): boolean {
  const { runtime_fallback: runtime, model_fallback: model } = ohMyOpenCodeSettings(settings ?? {})
  const isRuntimeOn = runtime === true || (isObject(runtime) && runtime["enabled"] === true)
  return isRuntimeOn || model === true
}

/** Since 4.19 one file serves several programs: what stands under the name of one outranks what stands beside it. */
export function ohMyOpenCodeSettings({ "[opencode]": own, ...shared }: JsonObject): JsonObject {
  return mergeSettings(shared, asObject(own))
}

/** From the plugins' own documentation, November 2026; the short form of what they do is in docs/cli.md. */
export const knownPlugins: readonly KnownPlugin[] = [
  {
    id: "oh-my-opencode-slim",
    title: "oh-my-opencode-slim",
    matches: named("oh-my-opencode-slim"),
    files: json("oh-my-opencode-slim"),
    acts: (settings) => field(settings?.["fallback"], "enabled") !== false,
    offSwitch: '"fallback": { "enabled": false }',
  },
  {
    id: "oh-my-opencode",
    title: "oh-my-opencode (oh-my-openagent)",
    matches: named("oh-my-opencode", "oh-my-openagent"),
    // Its start moves the others into the first (4.19.4).
    files: [...json("~/.omo/omo"), ...json("oh-my-opencode"), ...json("oh-my-openagent")],
    acts: ohMyOpenCodeActs,
    offSwitch: '"runtime_fallback": false and "model_fallback": false',
  },
  {
    id: "opencode-fallback",
    title: "opencode-fallback",
    matches: named("opencode-fallback", "opencode-runtime-fallback"),
    files: ["opencode-fallback.json", "opencode-fallback.jsonc"],
    acts: unlessDisabled,
    offSwitch: undefined,
  },
]

/** Plugins that go over to another account in a `fetch` of their own, by the provider whose accounts they are. */
export const accountRotators: Readonly<Record<string, string>> = { "opencode-antigravity-auth": "google" }

export const rotatesAccounts = ({ name }: { readonly name: string }): boolean =>
  Object.hasOwn(accountRotators, name)

/** What says of a plugin that nobody knows that it switches models: in its name, or where it comes from. */
export const fallbackName =
  /(?:model|rate-?limit|provider|auto)[\w-]*(?:fallback|failover)|opencode[\w-]*(?:fallback|failover)/i
