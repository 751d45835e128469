import * as z from "zod/mini"
import { parseJsonText } from "../core/json-object.ts"
import { circuitSubject, heldUntil } from "../core/circuit.ts"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import type { ModelKey } from "../core/model-ref.ts"
import { failureKinds } from "../core/verdict.ts"
import { mostWindows } from "../core/limits/limit-window.ts"
import type { AccountLimits, JournalEntry, SessionRecord } from "./store.ts"

/** Upper bound of `until`, too: a hand-edited time beyond it would hold a circuit open for ever. */
const time = z.number().check(z.gte(0), z.lte(heldUntil))

function isModelKey(value: unknown): boolean {
  return typeof value === "string" && /^[^/]+\/./.test(value)
}

export function isCircuitKey(value: unknown): value is CircuitKey {
  return typeof value === "string" && circuitSubject(value) !== undefined
}

const modelKey = z.custom<ModelKey>(isModelKey)
const kind = z.enum(failureKinds)

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

export const storedJournalEntry: z.ZodMiniType<JournalEntry> = z.object({
  at: time,
  sessionID: z.string().check(z.minLength(1)),
  event: z.enum(["switched", "returned", "exhausted"]),
  from: modelKey,
  to: z.exactOptional(modelKey),
  kind: z.exactOptional(kind),
  durationMs: z.exactOptional(z.number().check(z.gte(0))),
  detail: z.exactOptional(z.string().check(z.maxLength(1_000))),
})

export const storedSession: z.ZodMiniType<SessionRecord> = z.object({
  sessionID: z.string().check(z.minLength(1)),
  own: modelKey,
  ownVariant: z.exactOptional(z.string()),
  inUse: z.exactOptional(modelKey),
  lent: z.exactOptional(z.string().check(z.minLength(1))),
  lentBefore: z.exactOptional(z.array(z.string().check(z.minLength(1)))),
  reason: z.exactOptional(kind),
  chain: z.exactOptional(z.array(modelKey)),
  updatedAt: time,
})

export const storedLimits: z.ZodMiniType<AccountLimits> = z.object({
  account: z.string().check(z.minLength(1)),
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
