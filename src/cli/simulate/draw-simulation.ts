import { tripsProvider } from "../../core/circuit.ts"
import { explainKind } from "../../core/classify/explain-kind.ts"
import type { PassReason } from "../../core/decide.ts"
import { describeDuration } from "../../core/describe-duration.ts"
import type { Verdict } from "../../core/verdict.ts"
import { describeOrigin } from "../../core/describe-origin.ts"
import type { Colors } from "../terminal/terminal.ts"
import type { SimulationEvent } from "./simulation-event.ts"

/**
 * The dry run as text, one line or more per event. Ends in a line feed.
 *
 * @param startsAt the clock at the start, for times that a provider named
 */
export function drawSimulation(events: readonly SimulationEvent[], startsAt: number, colors: Colors): string {
  return `${events.map((event) => drawEvent(event, startsAt, colors)).join("\n")}\n`
}

function drawEvent(event: SimulationEvent, startsAt: number, colors: Colors): string {
  switch (event.event) {
    case "prompt": {
      const chain =
        event.chain.length === 0 ? "no chain" : `${event.chain.join(", ")} (${describeOrigin(event.origin)})`
      const time = event.at === 0 ? "" : colors.dim(` after ${describeDuration(event.at)}`)
      return `${event.turn > 1 ? "\n" : ""}${colors.bold(`Turn ${event.turn}`)}${time}: ${event.model}, then ${chain}`
    }
    case "not-asked": {
      const to = event.to === undefined ? "" : `; ${event.to} takes the turn`
      return `  ${colors.yellow("not asked")}  ${event.model}: ${event.why}${to}${over(event.skipped, colors)}`
    }
    case "answered":
      return `  ${colors.green("answers")}    ${event.model}`
    case "failed":
      return `  ${colors.red("fails")}      ${event.model}: ${verdictText(event.verdict, startsAt + event.at)}\n             ${colors.dim(`script: ${event.with}`)}`
    case "key-changed":
      return `  ${colors.yellow("next key")}   ${event.provider}, key ${event.fromKey}: ${explainKind(event.kind)}, rests for ${describeDuration(event.forMs)}; the same request with key ${event.toKey}`
    case "repeated":
      return `  ${colors.cyan("repeats")}    the same request to ${event.model} after ${event.afterMs} ms`
    case "switched":
      return `  ${colors.yellow("switches")}   ${event.from} -> ${event.to}${over(event.skipped, colors)}`
    case "left-to-opencode":
      return `  ${colors.cyan("leaves it")}  to OpenCode: ${passText[event.why]}`
    case "exhausted":
      return `  ${colors.red("exhausted")}  ${exhaustedText(event)}${over(event.skipped, colors)}${endText(event, colors)}`
    case "waits":
      return `  ${colors.cyan("waits")}      ${describeDuration(event.forMs)} for ${event.model}`
    case "rests":
      return `  ${colors.dim("rests")}      ${event.subject} for ${describeDuration(event.forMs)}${event.failures > 1 ? ` (failure ${event.failures} in a row)` : ""}`
    case "toast":
      return `  ${colors.dim("toast")}      ${colors.dim(event.message)}`
    case "unused":
      return `  ${colors.dim("unused")}     ${colors.dim(`${event.step}: no request reached it in this turn`)}`
  }
}

function verdictText(verdict: Verdict, now: number): string {
  const { kind, retryAt, rule } = verdict
  const whole = tripsProvider(verdict) ? ", affects the whole provider" : ""
  const back =
    retryAt === undefined ? "" : `, back in ${describeDuration(retryAt - now)} as the provider says`
  return `${explainKind(kind)} (${kind}${whole}${back}; by ${rule})`
}

function over(skipped: readonly string[], colors: Colors): string {
  return skipped.map((entry) => `\n             ${colors.dim("skipped:")} ${entry}`).join("")
}

const passText: Readonly<Record<PassReason, string>> = {
  "switched-off": "fallback is switched off",
  "not-a-reason": "this kind of failure is no reason to fall back (fallback_on)",
  "provider-opted-out": "this provider takes no part (providers.X.allow_fallback)",
  patience: "it will be back within patience_seconds",
  "user-aborted": "the turn was stopped on purpose",
}

function exhaustedText({ why, soonest }: Extract<SimulationEvent, { event: "exhausted" }>): string {
  const text = {
    "no-chain": "no fallback_models are set",
    "no-model-left": "no model is left",
    "attempts-spent": "max_fallback_attempts is reached",
  }[why]
  return soonest === undefined
    ? text
    : `${text}; ${soonest.model} is back first, in ${describeDuration(soonest.inMs)}`
}

function endText(
  { refusal, waits }: Extract<SimulationEvent, { event: "exhausted" }>,
  colors: Colors,
): string {
  if (waits) return ""
  const text =
    refusal === undefined
      ? "OpenCode's own retries continue, on the user's own model"
      : `the turn ends at once: ${refusal}`
  return `\n             ${colors.dim(text)}`
}
