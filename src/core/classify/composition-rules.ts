import type { FailureKind } from "../verdict.ts"
import type { Concept } from "./words/concepts.ts"

/** How sure a finding is: what any failure may say of itself is `vague`. */
export type Grade = "clear" | "vague"

export type CompositionRule = {
  readonly kind: FailureKind
  readonly about: readonly Concept[]
  /** Without it the subject says it all. */
  readonly is?: readonly Concept[]
  /** Words between the two. */
  readonly within?: number
  /** The state stands before the subject, where verbs do not stand last. */
  readonly ahead?: true
  /** Concepts of which one must stand in the same clause. */
  readonly with?: readonly Concept[]
  /** Concepts in the same clause that give it another meaning. */
  readonly unless?: readonly Concept[]
  readonly grade?: Grade
  /** Holds only where the text says nothing else. */
  readonly alone?: true
  /** Holds only while no HTTP answer is known: what a server says of its own network is its outage. */
  readonly offline?: true
  /** Does not hold under statuses that begin so. */
  readonly exceptUnder?: string
}

/** From the most to the least telling within one clause. */
export const compositionRules: readonly CompositionRule[] = [
  { kind: "content_filter", about: ["guard"], is: ["violates"], within: 6, unless: ["account", "capacity"] },
  { kind: "content_filter", about: ["content"], is: ["violates"], within: 6, unless: ["key", "account"] },
  { kind: "content_filter", about: ["declines"] },
  {
    kind: "context_overflow",
    about: ["context"],
    is: ["exceeded", "long", "limit"],
    within: 8,
    unless: ["late"],
  },
  {
    kind: "context_overflow",
    about: ["tally"],
    is: ["exceeded"],
    within: 8,
    unless: ["late", "short", "lasting", "rate", "flood", "money", "allowance"],
  },
  {
    kind: "context_overflow",
    about: ["prompt"],
    is: ["long"],
    within: 5,
    unless: ["late", "short", "rate", "flood", "lasting"],
  },
  { kind: "context_overflow", about: ["shorten"], unless: ["short", "rate", "flood", "lasting"] },
  { kind: "billing", about: ["spending"], is: ["exceeded"], within: 6 },
  { kind: "billing", about: ["money"], is: ["lacking", "exceeded"], within: 3 },
  { kind: "billing", about: ["pay"] },
  { kind: "auth", about: ["key"], is: ["invalid", "lacking"], within: 0 },
  { kind: "billing", about: ["plan"], is: ["lacking", "invalid"], within: 3, unless: ["outage"] },
  {
    kind: "billing",
    about: ["plan"],
    is: ["paused", "canceled"],
    within: 3,
    unless: ["outage", "mishap", "down", "rate", "flood"],
    exceptUnder: "5",
  },
  { kind: "rate_limit", about: ["rate"], is: ["exceeded", "limit", "busy", "crowded"], within: 7 },
  { kind: "rate_limit", about: ["flood"] },
  { kind: "quota", about: ["spent"] },
  { kind: "quota", about: ["outOf"], is: ["allowance", "money", "rate", "prompt"], within: 4 },
  { kind: "quota", about: ["allowance"], is: ["exceeded", "lacking", "limit"], within: 6 },
  { kind: "quota", about: ["allowance"], is: ["resets"], within: 4 },
  { kind: "auth", about: ["signin"] },
  { kind: "model_not_found", about: ["model"], is: ["absent", "forbidden"], within: 7 },
  { kind: "model_not_found", about: ["plan"], is: ["absent"], within: 4, unless: ["place"] },
  { kind: "model_not_found", about: ["service"], is: ["missing"], within: 1, exceptUnder: "5" },
  { kind: "auth", about: ["key"], is: ["invalid", "lacking", "suspended"], within: 4 },
  { kind: "auth", about: ["key", "plan", "allowance", "account"], is: ["reserved"], within: 4 },
  { kind: "auth", about: ["token"], is: ["invalid"], within: 2, unless: ["mishap"] },
  // What a server says of its own store of keys is its outage.
  { kind: "auth", about: ["auth"], is: ["invalid"], within: 4, exceptUnder: "5" },
  { kind: "auth", about: ["account"], is: ["suspended"], within: 4, unless: ["outage"] },
  // A server's own worker or job, and who waits for a limit, is paused as well.
  {
    kind: "auth",
    about: ["key", "account"],
    is: ["paused"],
    within: 3,
    unless: ["rate", "flood", "late", "busy", "down"],
    exceptUnder: "5",
  },
  { kind: "auth", about: ["place"], is: ["absent"], within: 5 },
  { kind: "auth", about: ["request", "service"], is: ["blocked"], within: 2, exceptUnder: "429" },
  { kind: "auth", about: ["forbidden"] },
  {
    kind: "overloaded",
    about: ["capacity"],
    is: ["crowded", "exceeded", "lacking", "limit"],
    within: 4,
  },
  { kind: "overloaded", about: ["service", "model", "request"], is: ["busy", "crowded"], within: 5 },
  { kind: "overloaded", about: ["busy"] },
  {
    kind: "rate_limit",
    about: ["limit"],
    is: ["exceeded"],
    within: 5,
    unless: ["prompt", "content", "context", "retries", "measure"],
    // That limit is a size.
    exceptUnder: "413",
  },
  // A limit of a period or of requests is no length: "daily token limit reached".
  {
    kind: "rate_limit",
    about: ["limit"],
    is: ["exceeded"],
    within: 8,
    with: ["short", "lasting", "calls"],
    unless: ["context", "retries"],
  },
  { kind: "rate_limit", about: ["rate"], alone: true },
  {
    kind: "rate_limit",
    about: ["limit"],
    is: ["short", "lasting"],
    within: 6,
    unless: ["prompt", "context"],
  },
  { kind: "timeout", about: ["late"] },
  { kind: "unavailable", about: ["outage"] },
  { kind: "network", about: ["cut"], offline: true },
  { kind: "network", about: ["connection"], is: ["broken"], within: 5, offline: true },
  { kind: "unavailable", about: ["service", "model", "capacity", "connection"], is: ["down"], within: 5 },
  { kind: "unavailable", about: ["service", "model", "account"], is: ["none"], within: 2, ahead: true },
  // Whoever is crowded, late or down does not handle a request either, and says so in the words above.
  {
    kind: "model_not_found",
    about: ["model"],
    is: ["unserved"],
    within: 4,
    with: ["service"],
    unless: ["request", "busy", "late"],
    exceptUnder: "5",
  },
  { kind: "billing", about: ["payIssue"], unless: ["advice"], grade: "vague" },
  { kind: "unavailable", about: ["service", "request", "model"], is: ["faulty"], within: 4, grade: "vague" },
  { kind: "unavailable", about: ["mishap"], grade: "vague" },
  { kind: "unavailable", about: ["later"], grade: "vague" },
  { kind: "unavailable", about: ["down"], alone: true, grade: "vague" },
]
