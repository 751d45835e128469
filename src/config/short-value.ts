import type { SettingsPath } from "./settings-problem.ts"

const longest = 60

/** Names of keys whose value is never shown. */
const secretKey = /key|token|secret|passw|credential|authori[sz]ation|cookie/i

/** Prefixes of the keys that providers hand out, and any long unbroken run of letters mixed with digits. */
const secretText =
  /(?:\b(?:sk|pk|rk|gsk|hf|ghp|gho|xai|xox[a-z]|eyJ|AIza)[-_A-Za-z0-9]{12,})|(?=[A-Za-z]*\d)[A-Za-z0-9]{24,}/

/** What stands before the host of an address, also of one that is miswritten (`redis:/me:word@host`). */
const urlPassword = /(:\/{0,2})\S*@/g

/** Whether something in a value looks like a secret: by its name, or by itself. */
export function holdsSecret(value: unknown): boolean {
  const text = JSON.stringify(value) ?? ""
  return (
    secretText.test(text) || [...text.matchAll(/"([^"]*)":/g)].some(([, key]) => secretKey.test(key ?? ""))
  )
}

/** Whether the value of a setting is never shown, because of its name. */
export function isSecretPath(path: SettingsPath): boolean {
  return path.some((step) => typeof step === "string" && secretKey.test(step))
}

/** A value as a problem shows it: on one line, short, and without anything that looks like a secret. */
export function shortValue(value: unknown, path: SettingsPath): string {
  if (value === undefined) return "nothing"
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === "object" && value !== null) return "an object"
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value)
  if (typeof value !== "string") return `a ${typeof value}`
  if (isSecretPath(path) || secretText.test(value)) return `a text of ${value.length} characters (not shown)`
  const shown = value.replaceAll(urlPassword, "$1***@")
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown)
}
