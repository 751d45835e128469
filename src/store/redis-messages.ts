import * as z from "zod/mini"
import type { DeepReadonly } from "../config/schema.ts"
import { storedEntry } from "./circuit-entry.ts"
import { storedJournalEntry, storedLimits, storedSession } from "./stored-values.ts"

/** The member of the journal's sorted set. The id starts with a counter: it keeps the order within 1 ms. */
export type NumberedEntry = DeepReadonly<z.output<typeof storedNumberedEntry>>

export const storedNumberedEntry = z.object({
  id: z.string().check(z.minLength(1)),
  entry: storedJournalEntry,
})

const from = z.string()

/** What one machine tells the others. `from` is the sender, who already knows. */
export type RedisMessage = DeepReadonly<z.output<typeof redisMessage>>

export const redisMessage = z.discriminatedUnion("type", [
  z.object({ from, type: z.literal("circuit"), entry: storedEntry, key: z.string() }),
  z.object({ from, type: z.literal("journal"), numbered: storedNumberedEntry }),
  z.object({ from, type: z.literal("session"), record: storedSession }),
  z.object({ from, type: z.literal("limits"), record: storedLimits }),
  z.object({ from, type: z.literal("forget"), sessionID: z.string() }),
])
