import { allPlans, isCompactionOf, planTurn } from "./plan-turn.ts"
import { playTurn } from "./play-turn.ts"
import type { OpenSession, Run } from "./run.ts"
import type { SeenRequest, SeenTurn } from "./seen.ts"
import { chainAt } from "./soak-world.ts"

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
    // Neighbours are on one chain, each on another server: what the one has met, the other must know.
    const place = Math.floor(number / run.servers.length) + Math.floor(turn / turnsOfSession)
    const chain = chainAt(run.world, place, server.version)
    run.doing.set(`session ${number}`, `${plan.tag} (${plan.event.kind}) on server ${server.number}`)
    const seen = await playTurn(run, { server, plan, chain, open })
    const isOver = seen.end.is === "answered" || seen.end.is === "failed"
    const isCutShort = !isOver || plan.event.kind === "escape"
    if (isCutShort) for (const { tag } of allPlans(plan)) run.cutShort.add(tag)
    await run.onTurn(seen, server)
    open = openAfter(seen, run.models.requests())
  }
  run.doing.delete(`session ${number}`)
}

/** What of a turn's session the next turn can go on with. */
export function openAfter(seen: SeenTurn, requests: readonly SeenRequest[]): OpenSession | undefined {
  const { plan, end, session, prompts } = seen
  // OpenCode takes the next prompt for a compaction that failed or was cut off, and answers with its summary
  // (measured without the plugin, 1.18.33).
  const lostCompaction = plan.event.kind === "compact" && !isCompacted(seen, requests)
  // The power may be cut before there is a session.
  const isGone = end.is === "deleted" || lostCompaction || session === ""
  return isGone ? undefined : { id: session, prompts }
}

function isCompacted({ plan, end }: SeenTurn, requests: readonly SeenRequest[]): boolean {
  const last = requests.findLast((request) => isCompactionOf(plan, request))
  return end.is === "answered" && last !== undefined && last.fault === undefined
}
