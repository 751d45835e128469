import { trippedCircuit } from "../../core/circuit.ts"
import { describeDuration } from "../../core/describe-duration.ts"
import { describeOrigin } from "../../core/describe-origin.ts"
import { describeSkip, describeSkipped } from "../../core/describe-skip.ts"
import { type ModelKey, modelRef } from "../../core/model-ref.ts"
import type { Skipped } from "../../core/select.ts"
import type { Verdict } from "../../core/verdict.ts"
import type { NextMove, SwitchMove } from "../../failover/next-move.ts"
import { noteAnswer } from "../../failover/note-answer.ts"
import { isOnOwn } from "../../turn/turn-predicates.ts"
import type { Turn } from "../../turn/turn.ts"
import type { StepMessage } from "../../turn/user-message.ts"
import { isoTime } from "../terminal/terminal.ts"
import type { FailureStep } from "./parse-script.ts"
import {
  createSimulatedWorld,
  sessionID,
  type SimulatedWorld,
  type SimulationInput,
} from "./simulated-world.ts"
import type { SimulationEvent } from "./simulation-event.ts"
import { exhaustedText, passText, verdictText } from "./simulation-texts.ts"
import { failureWithKeys, upcoming, type Upcoming } from "./upcoming.ts"

/** More requests in one turn than any chain can cause: what goes on longer is an internal error. */
const mostRequests = 200

/**
 * Plays a script of failures against the production parts: the same decision, circuits, turns and notices
 * that run inside OpenCode, with a store in memory, a clock of its own and no jitter. Nothing is sent anywhere.
 */
export async function simulate(input: SimulationInput): Promise<readonly SimulationEvent[]> {
  const world = createSimulatedWorld(input)
  const script = upcoming(input.steps)
  for (let turn = 1; ; turn += 1) {
    await playTurn(world, script, turn)
    const next = script.nextTurn()
    for (const step of next.unused)
      world.report("unused", `${step}: no request reached it in this turn`, { step })
    if (!next.wait) return world.events
    world.pass(next.wait.ms)
  }
}

async function playTurn(world: SimulatedWorld, script: Upcoming, number: number): Promise<void> {
  const { input, sessions, failover, turns } = world
  const message = {
    id: `msg_${String(number).padStart(6, "0")}`,
    agent: input.agent,
    model: modelRef(input.model),
    usesTools: true,
  }
  const own = { sessionID, own: { model: input.model }, agent: input.agent }
  const begun = world.events.length
  const { images, pdf } = input.needs
  await turns.begin({ sessionID, message, attachments: { images, pdf }, namesModel: true })
  await toastsShown()
  // The toast about a switch belongs behind the switch.
  const toasts = world.events.splice(begun)
  // Now the list of models is known, in which a `provider/*` is looked up.
  const { origin, entries } = failover.chain(own)
  const chain = entries.map((entry) => entry.model)
  const list = chain.length === 0 ? "no list" : `${chain.join(", ")} (${describeOrigin(origin)})`
  const { model } = input
  world.report("prompt", `${model}, then ${list}`, { turn: number, model, origin, chain })
  const turn = sessions.turn(sessionID)
  if (turn && !isOnOwn(turn)) await reportStandIn(world, turn)
  world.events.push(...toasts)
  await playRequests(world, script, message)
  turns.ended(sessionID)
}

/** Nobody waits for the toast of a turn that starts on a stand-in, or that is back on its own model. */
function toastsShown(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Why the turn starts on another model than the user's own. */
async function reportStandIn(world: SimulatedWorld, turn: Turn): Promise<void> {
  const reason = await world.failover.ownReason({ ...turn, inUse: { ...turn.own, requests: 0 }, tried: [] })
  const why = reason ? describeSkip(reason, world.now()) : 'restore_primary is "never"'
  reportUnasked(world, turn.own.model, why, turn.inUse.model, [])
}

function reportUnasked(
  { report, now }: SimulatedWorld,
  model: ModelKey,
  why: string,
  to: ModelKey,
  over: readonly Skipped[],
): void {
  const skipped = texts(over, now())
  const text = `${model}: ${why}; ${to} takes the turn`
  report("not-asked", text, { model, why, to, skipped })
}

/** Plays what OpenCode does: it asks the model in use until the turn has an answer or an end. */
async function playRequests(world: SimulatedWorld, script: Upcoming, message: StepMessage): Promise<void> {
  let repeats = 0
  for (let requests = 0; requests < mostRequests; requests += 1) {
    const turn = world.sessions.turn(sessionID)
    if (!turn) return
    if (repeats === 0) world.turns.noteStep(sessionID, turn.inUse.model, message)
    if (await leaveUnasked(world)) continue
    const failed = await failureWithKeys(world, script, turn.inUse.model)
    if (!failed) return answered(world, turn)
    const next = await fail(world, failed, repeats)
    if (next === "end") return
    repeats = next === "repeat" ? repeats + 1 : 0
  }
}

function currentTurn({ sessions }: SimulatedWorld): Turn {
  const turn = sessions.turn(sessionID)
  if (!turn) throw new Error("the simulated session has no turn")
  return turn
}

/** In the middle of a turn a model that is known to be down is left without a request. */
async function leaveUnasked(world: SimulatedWorld): Promise<boolean> {
  const turn = currentTurn(world)
  const next = await world.nextMove.withoutAsking(turn)
  if (!next) return false
  const { to, skipped } = next
  reportUnasked(world, turn.inUse.model, describeSkip(next.reason, world.now()), to.model, skipped)
  await goOn(world, turn, next)
  return true
}

async function goOn(world: SimulatedWorld, turn: Turn, next: SwitchMove): Promise<void> {
  world.sessions.change(turn, next.do, next.after)
  world.ownChoice.lend(turn, next.to.model, next.why.kind)
  await world.notices.switched(turn, { ...next, durationMs: 0 })
}

async function answered(world: SimulatedWorld, { inUse: { model } }: Turn): Promise<void> {
  world.report("answered", model, { model })
  noteAnswer(world, { sessionID, model }, world.now())
  await toastsShown()
}

async function fail(
  world: SimulatedWorld,
  step: FailureStep,
  repeats: number,
): Promise<"go-on" | "repeat" | "end"> {
  const { now, report, sessions } = world
  const turn = currentTurn(world)
  const { model } = turn.inUse
  const next = await world.nextMove.afterFailure(turn, { failure: step.failure, repeats })
  const { verdict } = next
  const judged = { ...verdict, retryAt: isoTime(verdict.retryAt) }
  const facts = { model, verdict: judged }
  report("failed", `${model}: ${verdictText(verdict, now())}`, facts, [`script: ${step.text}`])
  switch (next.do) {
    case "repeat":
      report("repeated", `the same request to ${model} after ${next.afterMs} ms`, { model })
      world.pass(next.afterMs)
      return "repeat"
    case "pass":
      report("left-to-opencode", `to OpenCode: ${passText[next.why]}`, { model, why: next.why })
      sessions.change(turn, next.do, next.after)
      if (next.why !== "patience" || verdict.retryAt === undefined) return "end"
      wait(world, verdict.retryAt - now(), model)
      return "go-on"
    case "switch": {
      reportRest(world, model, verdict)
      const skipped = texts(next.skipped, now())
      const to = next.to.model
      report("switched", `${model} -> ${to}`, { from: model, to, skipped })
      await goOn(world, turn, next)
      return "go-on"
    }
    case "wait":
    case "giveUp":
      return exhausted(world, turn, next)
  }
}

async function exhausted(
  world: SimulatedWorld,
  turn: Turn,
  next: Extract<NextMove, { do: "wait" | "giveUp" }>,
): Promise<"go-on" | "end"> {
  const { model } = turn.inUse
  const { why, soonest } = next.decision
  const waitMs = next.do === "wait" ? next.forMs : undefined
  reportRest(world, model, next.verdict)
  const skipped = texts(next.decision.skipped, world.now())
  const refusal = next.do === "giveUp" ? next.refusal : undefined
  const end =
    refusal === undefined
      ? "OpenCode's own retries continue, on the user's own model"
      : `the turn ends at once: ${refusal}`
  world.report(
    "exhausted",
    exhaustedText(next.decision, world.now()),
    { model, why, skipped, soonest: soonest?.model, waits: waitMs !== undefined, refusal },
    waitMs === undefined ? [end] : [],
  )
  world.sessions.change(turn, next.do, next.after)
  await world.notices.exhausted(turn, next)
  if (waitMs === undefined) return "end"
  wait(world, waitMs, soonest?.model ?? model)
  return "go-on"
}

function wait({ report, pass }: SimulatedWorld, forMs: number, model: string): void {
  report("waits", `${describeDuration(forMs)} for ${model}`, { forMs, model })
  pass(forMs)
}

function reportRest(world: SimulatedWorld, model: ModelKey, verdict: Verdict): void {
  const key = trippedCircuit(model, verdict)
  const record = world.store.circuit(key)
  if (!record) return
  const subject = key.slice(key.indexOf(":") + 1)
  const { failures } = record
  const forMs = record.until - world.now()
  const count = failures > 1 ? ` (failure ${failures} in a row)` : ""
  world.report("rests", `${subject} for ${describeDuration(forMs)}${count}`, { subject, forMs, failures })
}

function texts(skipped: readonly Skipped[], now: number): readonly string[] {
  return skipped.map((entry) => describeSkipped(entry, now))
}
