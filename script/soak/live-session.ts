import { allPlans, planTurn } from "./plan-turn.ts"
import { playTurn } from "./play-turn.ts"
import type { SeenEscape, SeenRequest, SeenTurn, SentPrompt } from "./seen.ts"
import type { SimulatedModels } from "./simulated-models.ts"
import type { SoakServer } from "./soak-server.ts"
import type { SoakChain, World } from "./soak-world.ts"

/** What all sessions of a run share. Times are `performance.now()`, milliseconds. */
export type Run = {
  readonly seed: number
  readonly world: World
  readonly models: SimulatedModels
  readonly servers: readonly SoakServer[]
  readonly escapes: SeenEscape[]
  readonly cutShort: Set<string>
  /** Until when turns are begun. */
  readonly endAtMs: number
  /** Until when they are waited for. */
  readonly settledAtMs: number
  readonly onTurn: (turn: SeenTurn, server: SoakServer) => Promise<void>
}

/** A session that goes on with a further turn. */
export type OpenSession = { readonly id: string; readonly prompts: readonly SentPrompt[] }

/** Turns of a session, before another takes its place. */
const turnsOfSession = 3

/** One user, who begins a turn as soon as the last one is over. @param number from 0 */
export async function liveSession(run: Run, number: number): Promise<void> {
  const server = run.servers[number % run.servers.length]
  if (!server) return
  let open: OpenSession | undefined
  for (let turn = 0; performance.now() < run.endAtMs; turn += 1) {
    if (turn % turnsOfSession === 0) open = undefined
    const plan = planTurn(run.seed, number, turn)
    const chain = chainFor(run, number, Math.floor(turn / turnsOfSession))
    const seen = await playTurn(run, { server, plan, chain, open })
    const isCutShort =
      plan.event.kind === "escape" || plan.event.kind === "delete" || seen.end.is === "killed"
    if (isCutShort) for (const { tag } of allPlans(plan)) run.cutShort.add(tag)
    await run.onTurn(seen, server)
    // OpenCode takes the next prompt for a compaction that failed or was cut off, and answers with its summary
    // (measured without the plugin, 1.18.33).
    const lostCompaction = plan.event.kind === "compact" && !isCompacted(seen, run.models.requests())
    const isGone = seen.end.is === "deleted" || lostCompaction
    open = isGone ? undefined : { id: seen.session, prompts: seen.prompts }
  }
}

function isCompacted({ plan, end }: SeenTurn, requests: readonly SeenRequest[]): boolean {
  const last = requests.findLast(({ tag, step }) => tag === plan.tag && step === "compaction")
  return end.is === "answered" && last !== undefined && last.fault === undefined
}

/** Neighbours are on one chain, each on another server: what the one has met, the other must know. */
function chainFor({ world, servers }: Run, number: number, epoch: number): SoakChain {
  const place = Math.floor(number / servers.length) + epoch
  return world.chains[place % world.chains.length] ?? world.helper
}
