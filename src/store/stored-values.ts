import { z } from "zod"
import { heldUntil } from "../core/circuit.ts"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import type { ModelKey } from "../core/model-ref.ts"
import { failureKinds } from "../core/verdict.ts"
import { mostWindows } from "../core/limits/limit-window.ts"
import type { AccountLimits, JournalEntry, SessionRecord } from "./store.ts"

/** Upper bound of `until`, too: a hand-edited time beyond it would hold a circuit open for ever. */
const time = z.number().min(0).max(heldUntil)

function isModelKey(value: unknown): boolean {
  return typeof value === "string" && /^[^/]+\/./.test(value)
}

export function isCircuitKey(value: unknown): value is CircuitKey {
  if (typeof value !== "string") return false
  if (value.startsWith("model:")) return isModelKey(value.slice("model:".length))
  return value.startsWith("provider:") && value.length > "provider:".length
}

const modelKey = z.custom<ModelKey>(isModelKey)
const kind = z.enum(failureKinds)

export const storedCircuit: z.ZodType<CircuitRecord> = z.object({
  key: z.custom<CircuitKey>(isCircuitKey),
  failures: z.int().min(1),
  kind,
  failedAt: time,
  until: time,
  probeUntil: time.exactOptional(),
  held: z.literal(true).exactOptional(),
})

export const storedJournalEntry: z.ZodType<JournalEntry> = z.object({
  at: time,
  sessionID: z.string().min(1),
  event: z.enum(["switched", "returned", "exhausted", "failed"]),
  from: modelKey,
  to: modelKey.exactOptional(),
  kind: kind.exactOptional(),
  durationMs: z.number().min(0).exactOptional(),
  detail: z.string().max(1_000).exactOptional(),
})

export const storedSession: z.ZodType<SessionRecord> = z.object({
  sessionID: z.string().min(1),
  own: modelKey,
  ownVariant: z.string().exactOptional(),
  inUse: modelKey.exactOptional(),
  reason: kind.exactOptional(),
  chain: z.array(modelKey).exactOptional(),
  updatedAt: time,
})

export const storedLimits: z.ZodType<AccountLimits> = z.object({
  account: z.string().min(1),
  keyNumber: z.int().min(1).exactOptional(),
  windows: z
    .array(
      z.object({
        name: z.string().max(60),
        usedPercent: z.number().min(0).max(100),
        resetsAt: time.exactOptional(),
        seenAt: time,
      }),
    )
    .max(mostWindows),
  updatedAt: time,
})

/** JSON text to a value of the given shape; `undefined` for anything else. Unknown fields are dropped. */
export function readStored<Value>(shape: z.ZodType<Value>, text: unknown): Value | undefined {
  if (typeof text !== "string") return undefined
  const result = shape.safeParse(parseJson(text))
  return result.success ? result.data : undefined
}

/** A circuit that stands under another key than its own is as broken as one that cannot be read. */
export function readCircuit(key: string, text: unknown): CircuitRecord | undefined {
  const record = readStored(storedCircuit, text)
  return record?.key === key ? record : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Hand-edited or cut short: the caller drops the value, which is all that can be done with it.
    return undefined
  }
}
