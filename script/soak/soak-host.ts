import type { Served } from "../../test/e2e/harness/any-host.ts"
import { type EventLog, sessionOf } from "../../test/e2e/harness/event-log.ts"
import type { SeenTurn } from "./seen.ts"
import type { SoakChain } from "./soak-world.ts"

/** One running OpenCode, whatever its version. */
export type SoakHost = AsyncDisposable & {
  /** How its models call them. */
  readonly tools: Served["tools"]
  /** Where its tools run. */
  readonly project: string
  readonly newSession: () => Promise<SoakSession>
  readonly openSession: (id: string) => SoakSession
  /** A power cut. */
  readonly killAndRestart: () => Promise<SoakHost>
  readonly logs: () => Promise<string>
  /** Calls that it has not answered yet. */
  readonly unanswered: () => readonly string[]
  /** What its user can take out of it, where it has such a command. */
  readonly exported: (sessionID: string) => Promise<unknown>
}

/** How far a session has come. */
export type Rest =
  | { readonly is: "at rest" }
  /** OpenCode waits to ask a model again. */
  | { readonly is: "waiting" }
  | { readonly is: "working"; readonly stillForMs: number; readonly state: string }

export type Look = Pick<SeenTurn, "text" | "users" | "standsOn" | "tools" | "traces" | "sessionErrors"> & {
  /** The error that the newest answer ended with. */
  readonly error: string | undefined
}

export type SoakSession = {
  readonly id: string
  /** Resolves once OpenCode has taken it; the end is `rest`. */
  readonly prompt: (text: string, chain: SoakChain) => Promise<void>
  readonly rest: (limitMs: number) => Promise<Rest>
  /** @returns whether OpenCode was at work: before it has taken a prompt up, or a replay, it has nothing to end */
  readonly escape: () => Promise<boolean>
  readonly delete: () => Promise<void>
  readonly compact: (model: string) => Promise<void>
  /** @param chain what is not given back yet has a moment */
  readonly look: (chain: SoakChain) => Promise<Look>
}

const pollMs = 50
/** At once on a quiet machine; a busy one may take its time. */
const givingBackMs = 10_000

/** What a session looks like once all of it names its own model, or after a moment. */
export async function whenGivenBack<T>(look: () => Promise<T>, isBack: (seen: T) => boolean): Promise<T> {
  const endMs = performance.now() + givingBackMs
  for (;;) {
    const seen = await look()
    if (isBack(seen) || performance.now() > endMs) return seen
    await Bun.sleep(pollMs)
  }
}

/** @returns whether it came to be within the time */
export async function until(limitMs: number, is: () => boolean | Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + limitMs
  for (;;) {
    if (await is()) return true
    if (performance.now() > endMs) return false
    await Bun.sleep(pollMs)
  }
}

/** @returns for how long nothing has happened in any of these sessions, milliseconds; at most since this call */
export function stillness({ all }: EventLog): (sessions: readonly string[]) => number {
  const sinceMs = performance.now()
  return (sessions) => {
    const last = all.findLast((event) => sessions.includes(sessionOf(event) ?? ""))
    return performance.now() - Math.max(sinceMs, last?.atMs ?? 0)
  }
}
