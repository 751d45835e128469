import type { Settings } from "../../config/schema.ts"
import type { Catalog } from "../../core/catalog.ts"
import { trippedCircuit } from "../../core/circuit.ts"
import { describeSkip, describeSkipped } from "../../core/describe-skip.ts"
import { type ModelKey, modelRef, providerOf, sameModel } from "../../core/model-ref.ts"
import type { Skipped } from "../../core/select.ts"
import { createFailover, turnAfterSwitch } from "../../failover/failover.ts"
import { createIncidents } from "../../notify/incidents.ts"
import { createNotices } from "../../notify/notices.ts"
import { createMemoryStore } from "../../store/memory-store.ts"
import type { CategoryRegistry } from "../../turn/category-registry.ts"
import { createSessions } from "../../turn/sessions.ts"
import type { Turn } from "../../turn/turn.ts"
import { createTurnKeeper } from "../../failover/turn-keeper.ts"
import type { ScriptStep } from "./parse-script.ts"
import type { SimulationEvent } from "./simulation-event.ts"
import { upcoming, type Upcoming } from "./upcoming.ts"

export type SimulationInput = {
  readonly settings: Settings
  readonly catalog: Catalog
  readonly agent: string
  readonly category: string | undefined
  /** The model that the user chose. */
  readonly model: ModelKey
  /** A chain for this session, above the settings. */
  readonly chain: readonly ModelKey[]
  readonly needs: { readonly images: boolean; readonly pdf: boolean; readonly contextTokens: number }
  readonly steps: readonly ScriptStep[]
  /** The moment at which it starts; the clock only moves by what happens. */
  readonly startsAt: number
}

/** More requests in one turn than any chain can cause: what goes on longer is a fault of ours. */
const mostRequests = 200
const sessionID = "simulation"

/**
 * Plays a script of failures against the production parts: the same decision, circuits, turn keeping and notices
 * that run inside OpenCode, with a store in memory, a clock of its own and no jitter. Nothing is sent anywhere.
 */
export async function simulate(input: SimulationInput): Promise<readonly SimulationEvent[]> {
  const world = createWorld(input)
  const script = upcoming(input.steps)
  for (let turn = 1; ; turn += 1) {
    await playTurn(world, script, turn)
    const next = script.nextTurn()
    for (const step of next.notMet) world.tell({ event: "not-met", step })
    if (!next.wait) return world.events
    world.pass(next.wait.ms)
  }
}

type World = ReturnType<typeof createWorld>
type Told = SimulationEvent extends infer Event
  ? Event extends { readonly at: number }
    ? Omit<Event, "at">
    : never
  : never

function createWorld(input: SimulationInput) {
  let clock = input.startsAt
  const now = (): number => clock
  const events: SimulationEvent[] = []
  const tell = (event: Told): void => void events.push({ at: clock - input.startsAt, ...event })
  const store = createMemoryStore({ now })
  const sessions = createSessions()
  // The production registry belongs to the whole process; this session must not be left behind in it.
  const categories: CategoryRegistry = {
    register: () => undefined,
    categoryOf: () => input.category,
    forget: () => undefined,
    size: () => 1,
  }
  const host = {
    catalog: () => Promise.resolve(input.catalog),
    log: () => undefined,
    toast: ({ variant, message }: { readonly variant: string; readonly message: string }) => {
      tell({ event: "toast", variant, message })
      return Promise.resolve()
    },
  }
  const notices = createNotices({
    host,
    store,
    now,
    incidents: createIncidents(now),
    notify: input.settings.runtime_fallback.notify_on_fallback,
  })
  const failover = createFailover({
    settings: input.settings,
    store,
    sessions,
    categories,
    host,
    now,
    random: () => 0,
  })
  const keeper = createTurnKeeper({ settings: input.settings, failover, sessions, store, notices, now })
  sessions.patch(sessionID, { contextTokens: input.needs.contextTokens })
  if (input.chain.length > 0) sessions.setChain(sessionID, input.chain)
  const pass = (ms: number): void => {
    clock += Math.max(0, ms)
  }
  return { input, now, pass, tell, events, store, sessions, notices, failover, keeper }
}

async function playTurn(world: World, script: Upcoming, number: number): Promise<void> {
  const { input, sessions, failover, keeper } = world
  const message = {
    id: `msg_${String(number).padStart(6, "0")}`,
    agent: input.agent,
    model: modelRef(input.model),
  }
  const own = { sessionID, own: input.model, carried: { agent: input.agent } }
  const begun = world.events.length
  await keeper.begin(sessionID, message, { ...input.needs, allSynthetic: false }, true)
  // The toast about a switch shall stand behind the switch.
  const toasts = world.events.splice(begun)
  // Now the list of models is known, in which a `provider/*` is looked up.
  const { origin, entries } = failover.chain(own)
  const chain = entries.map((entry) => entry.model)
  world.tell({ event: "prompt", turn: number, model: input.model, origin, chain })
  const turn = sessions.turn(sessionID)
  if (turn && !sameModel(turn.inUse, turn.own)) await tellStandIn(world, turn)
  world.events.push(...toasts)
  await playRequests(world, script)
  keeper.ended(sessionID)
}

/** Why the turn starts on another model than the user's own. */
async function tellStandIn(world: World, turn: Turn): Promise<void> {
  const reason = await world.failover.ownReason({ ...turn, inUse: turn.own, tried: [] })
  const why = reason ? describeSkip(reason, world.now()) : 'restore_primary is "never"'
  world.tell({ event: "passed-over", model: turn.own, why, to: turn.inUse, skipped: [] })
}

async function playRequests(world: World, script: Upcoming): Promise<void> {
  let repeats = 0
  for (let requests = 0; requests < mostRequests; requests += 1) {
    const turn = world.sessions.turn(sessionID)
    if (!turn) return
    if (await leaveUnasked(world, turn)) continue
    const failed = script.failureOf(turn.inUse)
    if (!failed) return answered(world, turn)
    const next = await fail(world, turn, failed, repeats)
    if (next === "end") return
    repeats = next === "repeat" ? repeats + 1 : 0
  }
}

/** In the middle of a turn a model that is known to be down is left without a request. */
async function leaveUnasked(world: World, turn: Turn): Promise<boolean> {
  const reason = turn.keepOwn ? undefined : world.failover.gate(turn.inUse)
  if (!reason) return false
  const kind = "kind" in reason ? reason.kind : undefined
  const decision = await world.failover.successor(turn, kind)
  if (decision.do !== "switch") return false
  world.tell({
    event: "passed-over",
    model: turn.inUse,
    why: describeSkip(reason, world.now()),
    to: decision.to.model,
    skipped: texts(decision.skipped, world.now()),
  })
  world.sessions.patchTurn(turn, turnAfterSwitch(turn, decision.to.model, kind))
  return true
}

function answered(world: World, turn: Turn): void {
  world.tell({ event: "answered", model: turn.inUse })
  world.failover.succeeded(turn.inUse, world.now())
  if (sameModel(turn.inUse, turn.own)) world.notices.returned(turn)
}

async function fail(
  world: World,
  turn: Turn,
  step: Extract<ScriptStep, { type: "failure" }>,
  repeats: number,
): Promise<"go-on" | "repeat" | "end"> {
  const { now, tell, failover, sessions, notices } = world
  const model = turn.inUse
  const failure = { ...step.failure, provider: providerOf(model) }
  const { verdict, decision } = await failover.judge(turn, failure, repeats)
  tell({ event: "failed", model, with: step.text, verdict })
  switch (decision.do) {
    case "repeat":
      tell({ event: "repeated", model, afterMs: decision.afterMs })
      world.pass(decision.afterMs)
      return "repeat"
    case "pass":
      tell({ event: "left-to-opencode", model, why: decision.why })
      if (decision.why !== "patience" || verdict.retryAt === undefined) return "end"
      tell({ event: "waits", forMs: verdict.retryAt - now(), model })
      world.pass(verdict.retryAt - now())
      return "go-on"
    case "switch":
      tellRest(world, model, verdict)
      tell({ event: "switched", from: model, to: decision.to.model, skipped: texts(decision.skipped, now()) })
      sessions.patchTurn(turn, turnAfterSwitch(turn, decision.to.model, verdict.kind))
      notices.switched(turn, decision.to.model, verdict.kind, decision.skipped, 0)
      return "go-on"
    case "exhausted": {
      tellRest(world, model, verdict)
      const { soonest } = decision
      const left = soonest && { model: soonest.model, inMs: soonest.at - now() }
      tell({
        event: "exhausted",
        model,
        why: decision.why,
        skipped: texts(decision.skipped, now()),
        soonest: left,
      })
      const waitMs = left && boundedWait(world.input.settings, left.inMs)
      notices.exhausted(turn, verdict.kind, decision, waitMs)
      if (waitMs === undefined || !left) return "end"
      tell({ event: "waits", forMs: waitMs, model: left.model })
      sessions.patchTurn(turn, { tried: [], attempts: 0 })
      world.pass(waitMs)
      return "go-on"
    }
  }
}

/** As in production: only with `when_exhausted: "wait"`, and never longer than `max_wait_seconds`. */
function boundedWait({ runtime_fallback: runtime }: Settings, ms: number): number | undefined {
  return runtime.when_exhausted === "wait" && ms <= runtime.max_wait_seconds * 1_000
    ? Math.max(0, ms)
    : undefined
}

function tellRest(world: World, model: ModelKey, verdict: Parameters<typeof trippedCircuit>[1]): void {
  const key = trippedCircuit(model, verdict)
  const record = world.store.circuit(key)
  if (!record) return
  const subject = key.slice(key.indexOf(":") + 1)
  world.tell({ event: "rests", subject, forMs: record.until - world.now(), failures: record.failures })
}

function texts(skipped: readonly Skipped[], now: number): readonly string[] {
  return skipped.map((entry) => describeSkipped(entry, now))
}
