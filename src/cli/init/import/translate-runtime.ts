import { type JsonObject, ownValue } from "../../../core/json-object.ts"
import { noEquivalent, type NotImported, type Translated } from "./imported-settings.ts"

/** Keys of all the plugins together, with ours for them: where two have the same name they mean the same. */
const names: Readonly<Record<string, string>> = {
  retry_on_errors: "retry_on_errors",
  max_fallback_attempts: "max_fallback_attempts",
  cooldown_seconds: "cooldown_seconds",
  ttft_timeout_seconds: "first_token_timeout_seconds",
  notify_on_fallback: "notify_on_fallback",
  retryable_error_patterns: "retry_on_patterns",
  restore_primary_after_cooldown: "restore_primary",
}

/** @param name the one that it has here */
function translated(name: string, value: unknown): unknown {
  if (name === "restore_primary") return value === false ? "never" : "after_cooldown"
  if (name !== "retry_on_errors") return value
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((status) => typeof status === "number" && status > 400 && status <= 599)
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
    const name = ownValue(names, key)
    if (name === undefined)
      notImported.push({ path: `${path}${key}`, why: ownValue(whys, key) ?? noEquivalent })
    else runtime[name] = translated(name, value)
    if (name === "retry_on_errors" && Array.isArray(value) && value.includes(400))
      notImported.push({
        path: `${path}${key}: 400`,
        why: "what one model rejects as invalid, the next one rejects as well",
      })
  }
  // Their switch is about them: imported, "false" would switch this plugin off.
  return { settings: Object.keys(runtime).length === 0 ? {} : { runtime_fallback: runtime }, notImported }
}
