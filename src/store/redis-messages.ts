import * as z from "zod/mini"
import type { CircuitEntry } from "./circuit-entry.ts"
import { storedEntry } from "./circuit-entry.ts"
import type { AccountLimits, JournalEntry, SessionRecord } from "./store.ts"
import { storedJournalEntry, storedLimits, storedSession } from "./stored-values.ts"

/** The member of the journal's sorted set. The id starts with a counter: it keeps the order within 1 ms. */
export type NumberedEntry = { readonly id: string; readonly entry: JournalEntry }

/** What one machine tells the others. `from` is the sender, who already knows. */
export type RedisMessage = { readonly from: string } & (
  | { readonly type: "circuit"; readonly entry: CircuitEntry; readonly key: string }
  | { readonly type: "journal"; readonly numbered: NumberedEntry }
  | { readonly type: "session"; readonly record: SessionRecord }
  | { readonly type: "limits"; readonly record: AccountLimits }
  | { readonly type: "forget"; readonly sessionID: string }
)

export const storedNumberedEntry: z.ZodMiniType<NumberedEntry> = z.object({
  id: z.string().check(z.minLength(1)),
  entry: storedJournalEntry,
})

const from = z.string()

export const redisMessage: z.ZodMiniType<RedisMessage> = z.discriminatedUnion("type", [
  z.object({ from, type: z.literal("circuit"), entry: storedEntry, key: z.string() }),
  z.object({ from, type: z.literal("journal"), numbered: storedNumberedEntry }),
  z.object({ from, type: z.literal("session"), record: storedSession }),
  z.object({ from, type: z.literal("limits"), record: storedLimits }),
  z.object({ from, type: z.literal("forget"), sessionID: z.string() }),
])
