import * as z from "zod/mini"
import { concernsOnlyThisRequest, type FailureKind, failureKinds } from "../core/verdict.ts"
import { about, seconds, whole } from "./schema-parts.ts"

/** Seven days: the longest reset seen in a real provider's answer is 6.1 days (github.com/router-for-me/CLIProxyAPI/issues/1666). */
const longestCooldownSeconds = 604_800

/** Esc ends a turn for good, whatever the settings say: `aborted` cannot be made a reason to go on. */
const configurableKinds = failureKinds.filter((kind) => kind !== "aborted")

/** What another model may cure without the user's help. */
const curable = configurableKinds.filter((kind) => kind !== "unknown" && !concernsOnlyThisRequest.has(kind))

const never = z.prefault(whole(0, 5), 0)
const once = z.prefault(whole(0, 5), 1)

/** What is mostly over within a moment. */
const passing: ReadonlySet<FailureKind> = new Set(["server_error", "network", "empty_answer"])

const sameModelRetries = z.strictObject(
  Object.fromEntries(configurableKinds.map((kind) => [kind, passing.has(kind) ? once : never])),
)

const redisAddress = z.string().check(
  z.regex(/^rediss?:\/\/\S+$/, { abort: true }),
  z.refine(
    (text) => URL.canParse(text),
    "Allowed: redis://user:password@host:port/number of one server. In its password write # as %23, / as %2F, ? as %3F, @ as %40 and % as %25.",
  ),
)

/** When to fall back, how long a failed model cools down, and what is shown. */
export const runtimeFallback = z.strictObject({
  enabled: about(z.prefault(z.boolean(), true), "Switches the whole plugin on or off. Default: true."),
  retry_on_errors: about(
    z.prefault(z.array(whole(400, 599)), [429, 503, 529]),
    "HTTP statuses, 400 to 599, that count as a reason to fall back unless the request itself is at fault. Default: 429, 503, 529.",
  ),
  fallback_on: about(
    z.prefault(z.array(z.enum(configurableKinds)), curable),
    "Kinds of failure that are a reason to fall back. Default: all that another model can help with.",
  ),
  retry_on_patterns: about(
    z.prefault(z.array(z.string().check(z.maxLength(500))).check(z.maxLength(20)), []),
    "Additional reasons: at most 20 regular expressions that match the error's text (RE2: JavaScript's without look-around and back-references; case is ignored; at most 500 characters each). Default: none.",
  ),
  max_fallback_attempts: about(
    z.prefault(whole(0, 20), 3),
    "Maximum number of switches to another model within one turn, 0 to 20. Default: 3.",
  ),
  cooldown_seconds: about(
    z.prefault(seconds(longestCooldownSeconds), 60),
    "Seconds, 0 to 604800, that a model is left alone after a failure when the provider gives no time. Default: 60.",
  ),
  cooldown_multiplier: about(
    z.prefault(z.number().check(z.gte(1), z.lte(10)), 2),
    "Factor, 1 to 10, by which the cooldown grows with each consecutive failure. Default: 2.",
  ),
  max_cooldown_seconds: about(
    z.prefault(seconds(longestCooldownSeconds), 3600),
    "Seconds, 0 to 604800: the longest cooldown, even when the provider asks for a longer one, and that after a rejected key or an empty account. Default: 3600.",
  ),
  patience_seconds: about(
    z.prefault(seconds(3600), 0),
    "Seconds, 0 to 3600: if the provider will be back within this time, wait for it and keep its prompt cache. Default: 0 (switch at once).",
  ),
  same_model_retries: about(
    z.prefault(sameModelRetries, {}),
    'How often the same model is asked again before a switch, 0 to 5, for each kind of failure: { "timeout": 1 }. Default: 1 for network, server_error and empty_answer, 0 for all others.',
  ),
  first_token_timeout_seconds: about(
    z.prefault(seconds(3600), 0),
    "Seconds, 0 to 3600, without a first token after which a model counts as silent. Default: 0 (off).",
  ),
  stall_timeout_seconds: about(
    z.prefault(seconds(3600), 0),
    "Seconds, 0 to 3600, without a further token in the middle of a reply after which a model counts as silent. Default: 0 (off).",
  ),
  restore_primary: about(
    z.prefault(z.enum(["after_cooldown", "next_message", "never"]), "after_cooldown"),
    'When your own model is asked again: "after_cooldown", "next_message" (with each prompt, even during its cooldown) or "never" (only when you choose it). Default: after_cooldown.',
  ),
  notify_on_fallback: about(
    z.prefault(z.boolean(), true),
    "Shows a toast for each switch, each return and each exhausted list. Default: true.",
  ),
  store: about(
    z.prefault(z.union([z.enum(["sqlite", "memory"]), redisAddress]), "sqlite"),
    'Where the models\' health is kept: "sqlite" (shared by all OpenCode processes on this machine), "memory" (this process only), or a redis:// or rediss:// URL (shared by several machines). Default: sqlite.',
  ),
  when_exhausted: about(
    z.prefault(z.enum(["error", "wait"]), "error"),
    'When no model of the list is left: "error" ends the turn, "wait" waits for the first that comes back. Default: error.',
  ),
  max_wait_seconds: about(
    z.prefault(seconds(86_400), 3600),
    'Seconds, 0 to 86400: the longest wait of when_exhausted "wait"; if it would take longer, the turn ends at once. Default: 3600.',
  ),
  log_level: about(
    z.prefault(z.enum(["debug", "info", "warn", "error"]), "info"),
    "Lowest severity that is written to the log: debug, info, warn or error. Default: info.",
  ),
})
