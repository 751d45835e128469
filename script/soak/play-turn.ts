import { join } from "node:path"
import { allPlans, promptOf, type TurnPlan } from "./plan-turn.ts"
import type { OpenSession, Run } from "./run.ts"
import type { End, SeenTurn, SentPrompt } from "./seen.ts"
import { linesFile } from "./simulated-models.ts"
import { type Look, type SoakSession, until } from "./soak-host.ts"
import type { SoakServer } from "./soak-server.ts"
import type { SoakChain } from "./soak-world.ts"

/** OpenCode's own retries of one step last for 75 s. */
const longestTurnMs = 150_000
/** Longer than any silence of the simulated providers, so that somebody should have done something. */
const longestStillMs = 20_000
const longestUntilAskedMs = 5_000

export type Setting = {
  readonly server: SoakServer
  readonly plan: TurnPlan
  readonly chain: SoakChain
  /** Left out: a new one. */
  readonly open: OpenSession | undefined
}

/** A turn from its prompt until its session is at rest, gone, or its server has been killed. */
export async function playTurn(run: Run, { server, plan, chain, open }: Setting): Promise<SeenTurn> {
  const host = await server.ready()
  const { generation } = server
  const wasKilled = (): boolean => server.generation !== generation
  run.models.follow(plan, host.tools)
  const startedAtMs = performance.now()
  const known = { plan, server: server.number, chain: chain.models, startedAtMs }
  const seen = async (session: string, end: End, look: Look = nothing): Promise<SeenTurn> => {
    const { error: _, ...looked } = look
    const prompts = [...(open?.prompts ?? []), ...promptsOf(plan, end)]
    return {
      ...known,
      session,
      end,
      prompts,
      ...looked,
      lines: await readLines(join(host.project, linesFile)),
    }
  }
  let id = open?.id ?? ""
  try {
    const session = open ? host.openSession(open.id) : await host.newSession()
    id = session.id
    const end = await carryOut(run, plan, chain, session)
    const look = end.is === "answered" ? await session.look(chain) : nothing
    if (wasKilled()) return await seen(id, { is: "killed" })
    return await seen(id, look.error === undefined ? end : { is: "failed", error: look.error }, look)
  } catch (error) {
    if (wasKilled()) return seen(id, { is: "killed" })
    throw error
  }
}

async function carryOut(run: Run, plan: TurnPlan, chain: SoakChain, session: SoakSession): Promise<End> {
  await session.prompt(promptOf(plan), chain)
  const { event } = plan
  const wait = async (afterMs: number): Promise<void> => {
    await until(longestUntilAskedMs, () => run.models.hasAsked(plan.tag))
    await Bun.sleep(afterMs)
  }
  switch (event.kind) {
    case "escape": {
      await wait(event.afterMs)
      // On a busy machine OpenCode may take the prompt up after an Esc that was meant for it.
      const hasAsked = run.models.hasAsked(plan.tag)
      const isAtWork = await session.escape()
      const atMs = performance.now()
      if (hasAsked && isAtWork) run.escapes.push(...allPlans(plan).map(({ tag }) => ({ tag, atMs })))
      return restOf(run, session)
    }
    case "second-prompt":
      await wait(event.afterMs)
      await session.prompt(promptOf(event.plan), chain)
      return restOf(run, session)
    case "delete":
      await wait(event.afterMs)
      await session.delete()
      return { is: "deleted" }
    case "compact": {
      const end = await restOf(run, session)
      if (end.is !== "answered") return end
      await session.compact(chain.primary)
      return restOf(run, session)
    }
    case "none":
      return restOf(run, session)
  }
}

/** @returns `answered` for whatever has come to rest; what the answer is, is seen later */
async function restOf(run: Run, session: SoakSession): Promise<End> {
  const limitMs = Math.min(longestTurnMs, Math.max(1_000, run.settledAtMs - performance.now()))
  const rest = await session.rest(limitMs)
  if (rest.is === "at rest") return { is: "answered" }
  await session.escape()
  return rest.is === "working" && rest.stillForMs > longestStillMs
    ? { is: "hung", state: `still for ${Math.round(rest.stillForMs)} ms: ${rest.state}` }
    : { is: "unfinished" }
}

/** A prompt that a power cut or an unfinished turn has met need not have been stored. */
function promptsOf(plan: TurnPlan, end: End): readonly SentPrompt[] {
  const { event } = plan
  const plans = event.kind === "second-prompt" ? [plan, event.plan] : [plan]
  return plans.map((each) => ({
    text: promptOf(each),
    mayMiss: end.is !== "answered" && end.is !== "failed",
  }))
}

const nothing: Look = {
  text: "",
  error: undefined,
  users: [],
  standsOn: "",
  tools: [],
  traces: [],
  sessionErrors: [],
}

async function readLines(path: string): Promise<ReadonlyMap<string, number>> {
  const file = Bun.file(path)
  const counts = new Map<string, number>()
  const text = (await file.exists()) ? await file.text() : ""
  for (const line of text.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}
