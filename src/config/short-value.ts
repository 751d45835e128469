import type { SettingsPath } from "./settings-problem.ts"

const longest = 60

/** Names of keys whose value is never shown; `max_tokens` and `first_token_timeout_seconds` are none. */
const secretKey = /key|token(?!s$|s?_timeout)|secret|passw|credential|authori[sz]ation|cookie/i

/**
 * Prefixes of the keys that providers hand out, and any long unbroken run of letters mixed with digits. Looked for where
 * such a run begins, and nowhere in it: a text of 64,000 letters would take 14 seconds.
 */
const secretText =
  /(?:\b(?:sk|pk|rk|gsk|hf|ghp|gho|xai|xox[a-z]|eyJ|AIza)[-_A-Za-z0-9]{12,})|(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z0-9]{24,}/

/** What stands before the host of an address, also of one that is miswritten (`redis:/me:word@host`); once in each word. */
const urlPassword = /(?<!\S)([^\s:]*:\/{0,2})\S*@/g

/** Whether it is the place of a secret, and not the secret. */
export function isReference(text: string): boolean {
  return /^\s*\{(?:env|file):[^{}]*\}\s*$/.test(text)
}

/** Whether a text somewhere in a value looks like a secret: by the name of its key, or by itself. */
export function holdsSecret(value: unknown, path: SettingsPath = []): boolean {
  if (typeof value === "string")
    return (path.some(namesSecret) && !isReference(value)) || withoutSecrets(value) !== value
  if (typeof value !== "object" || value === null) return false
  return Object.entries(value).some(([key, below]) => holdsSecret(below, [...path, key]))
}

/** A text in which `***` stands for all that looks like a secret. */
export function withoutSecrets(text: string): string {
  return withoutPassword(text.replaceAll(new RegExp(secretText, "g"), "***"))
}

export function withoutPassword(address: string): string {
  return address.replaceAll(urlPassword, "$1***@")
}

/** Whether the value of a setting is never shown, because of its name. That of an agent or a category names none. */
export function isSecretPath(path: SettingsPath): boolean {
  return path.some((step, index) => namesSecret(step) && (index !== 1 || path.length === 2))
}

function namesSecret(step: string | number): boolean {
  return typeof step === "string" && secretKey.test(step)
}

/** A value as a problem shows it: on one line, short, and without anything that looks like a secret. */
export function shortValue(value: unknown, path: SettingsPath): string {
  if (value === undefined) return "nothing"
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === "object" && value !== null) return "an object"
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value)
  if (typeof value !== "string") return `a ${typeof value}`
  if (value === "") return "an empty text"
  if (isSecretPath(path) || secretText.test(value))
    return `a string of ${value.length} characters (not shown)`
  const shown = withoutPassword(value)
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest - 1)}…` : shown)
}
