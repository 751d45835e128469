import { type JsonObject, ownValue } from "../../../core/json-object.ts"
import { noEquivalent, type NotImported, type Translated } from "./imported-settings.ts"

/** How one key of another plugin becomes one of `runtime_fallback`. */
type Rule = { readonly key: string; readonly as: (value: unknown) => unknown }

const same = (key: string): Rule => ({ key, as: (value) => value })
const statuses: Rule = {
  key: "retry_on_errors",
  as: (value) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value]
    return list.filter((status) => typeof status === "number" && status > 400 && status <= 599)
  },
}

/** Keys of all the plugins together: where two have the same name they mean the same. */
const rules: Readonly<Record<string, Rule>> = {
  retry_on_errors: statuses,
  max_fallback_attempts: same("max_fallback_attempts"),
  cooldown_seconds: same("cooldown_seconds"),
  ttft_timeout_seconds: same("first_token_timeout_seconds"),
  notify_on_fallback: same("notify_on_fallback"),
  retryable_error_patterns: same("retry_on_patterns"),
  restore_primary_after_cooldown: {
    key: "restore_primary",
    as: (value) => (value === false ? "never" : "after_cooldown"),
  },
}

const whys: Readonly<Record<string, string>> = {
  timeout_seconds:
    "it limits the whole answer and ends models that are still busy; see first_token_timeout_seconds and stall_timeout_seconds",
}

/** @param path in front of the keys, for what is not taken */
export function translateRuntime(settings: JsonObject, path: string): Translated {
  const runtime: Record<string, unknown> = {}
  const notImported: NotImported[] = []
  for (const [key, value] of Object.entries(settings)) {
    if (key === "enabled") continue
    const rule = ownValue(rules, key)
    const translated = rule?.as(value)
    if (rule === undefined || translated === undefined)
      notImported.push({ path: `${path}${key}`, why: whys[key] ?? noEquivalent })
    else runtime[rule.key] = translated
    if (rule === statuses && Array.isArray(value) && value.includes(400))
      notImported.push({
        path: `${path}${key}: 400`,
        why: "what one model rejects as invalid, the next one rejects as well",
      })
  }
  // Their switch is about them: imported, "false" would switch this plugin off.
  return { settings: Object.keys(runtime).length === 0 ? {} : { runtime_fallback: runtime }, notImported }
}
