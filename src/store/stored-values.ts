import * as z from "zod/mini"
import type { DeepReadonly } from "../config/schema.ts"
import { type CircuitKey, type CircuitRecord, circuitSubject, heldUntil } from "../core/circuit.ts"
import { parseJsonText } from "../core/json-object.ts"
import { mostWindows } from "../core/limits/limit-window.ts"
import type { ModelKey } from "../core/model-ref.ts"
import { failureKinds } from "../core/verdict.ts"

/** Milliseconds since 1970. Bounded: a hand-edited time beyond it would hold a circuit open for ever. */
const time = z.number().check(z.gte(0), z.lte(heldUntil))

export function isCircuitKey(value: unknown): value is CircuitKey {
  return typeof value === "string" && circuitSubject(value) !== undefined
}

const modelKey = z.custom<ModelKey>((value) => typeof value === "string" && /^[^/]+\/./.test(value))
const kind = z.enum(failureKinds)
const nonEmpty = z.string().check(z.minLength(1))

export const storedCircuit: z.ZodMiniType<CircuitRecord> = z.object({
  key: z.custom<CircuitKey>(isCircuitKey),
  failures: z.int().check(z.gte(1)),
  kind,
  failedAt: time,
  until: time,
  toldBackAt: z.exactOptional(time),
  probeUntil: z.exactOptional(time),
  held: z.exactOptional(z.literal(true)),
  keyNumber: z.exactOptional(z.int().check(z.gte(1))),
})

/** One line of the journal. It never holds prompt text, keys or tool output. */
export type JournalEntry = DeepReadonly<z.output<typeof storedJournalEntry>>

export const storedJournalEntry = z.object({
  at: time,
  sessionID: nonEmpty,
  event: z.enum(["switched", "returned", "exhausted"]),
  from: modelKey,
  /** Absent when nobody took over. */
  to: z.exactOptional(modelKey),
  kind: z.exactOptional(kind),
  /** Plain words for people, where it was no failure: a limit nearly used up, a hold. */
  cause: z.exactOptional(z.string()),
  /** From the failed answer to the moment when the turn could go on, milliseconds. */
  durationMs: z.exactOptional(z.number().check(z.gte(0))),
  /** Plain words for people: candidates that were skipped and why. */
  detail: z.exactOptional(z.string().check(z.maxLength(1_000))),
})

/** What must survive a restart of a session: whose choice the model was. */
export type SessionRecord = DeepReadonly<z.output<typeof storedSession>>

export const storedSession = z.object({
  sessionID: nonEmpty,
  /** The model the user chose. */
  own: modelKey,
  ownVariant: z.exactOptional(z.string()),
  /** The model that stands in for it; absent when the own model is in use. */
  inUse: z.exactOptional(modelKey),
  /** The user message that names `inUse` at this moment and is still to be given back. */
  lent: z.exactOptional(nonEmpty),
  /** Earlier ones of which the same is true: prompts that were joined by a newer one. */
  lentBefore: z.exactOptional(z.array(nonEmpty)),
  reason: z.exactOptional(kind),
  /** The chain as it was resolved for the newest turn, without the own model: for the sidebar, which is another realm. */
  chain: z.exactOptional(z.array(modelKey)),
  updatedAt: time,
})

/** What a provider's newest answers say of one account's limits. */
export type AccountLimits = DeepReadonly<z.output<typeof storedLimits>>

export const storedLimits = z.object({
  /** A provider's id; with several keys `#` and the key's fingerprint behind it. */
  account: nonEmpty,
  /** Which of the provider's keys it is; 1 is the one in OpenCode's own configuration. */
  keyNumber: z.exactOptional(z.int().check(z.gte(1))),
  windows: z
    .array(
      z.object({
        name: z.string().check(z.maxLength(60)),
        usedPercent: z.number().check(z.gte(0), z.lte(100)),
        resetsAt: z.exactOptional(time),
        seenAt: time,
      }),
    )
    .check(z.maxLength(mostWindows)),
  updatedAt: time,
})

/** JSON text to a value of the given shape; `undefined` for anything else. Unknown fields are dropped. */
export function readStored<Value>(shape: z.ZodMiniType<Value>, text: unknown): Value | undefined {
  if (typeof text !== "string") return undefined
  const result = shape.safeParse(parseJsonText(text))
  return result.success ? result.data : undefined
}

/** A circuit that stands under another key than its own is as broken as one that cannot be read. */
export function readCircuit(key: string, text: unknown): CircuitRecord | undefined {
  const record = readStored(storedCircuit, text)
  return record?.key === key ? record : undefined
}
