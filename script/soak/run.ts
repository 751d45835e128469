import type { Kill } from "./plan-turn.ts"
import type { SeenEscape, SeenTurn, SentPrompt } from "./seen.ts"
import type { SimulatedModels } from "./simulated-models.ts"
import type { SoakServer } from "./soak-server.ts"
import type { World } from "./soak-world.ts"

/** What all sessions of a run share. Times are `performance.now()`, milliseconds. */
export type Run = {
  readonly seed: number
  readonly world: World
  readonly models: SimulatedModels
  readonly servers: readonly SoakServer[]
  readonly escapes: SeenEscape[]
  /** Power cuts as they happened. */
  readonly kills: Kill[]
  readonly cutShort: Set<string>
  /** Until when turns are begun. */
  readonly endAtMs: number
  /** Until when they are waited for. */
  readonly settledAtMs: number
  /** What each session is at, and the power cuts; for people, if it never ends. */
  readonly doing: Map<string, string>
  readonly onTurn: (turn: SeenTurn, server: SoakServer) => Promise<void>
}

/** A session that goes on with a further turn. */
export type OpenSession = { readonly id: string; readonly prompts: readonly SentPrompt[] }
