import { tripsProvider } from "../../core/circuit.ts"
import { explainKind } from "../../core/classify/explain-kind.ts"
import type { PassReason } from "../../core/decide.ts"
import { describeDuration } from "../../core/describe-duration.ts"
import { describeOrigin } from "../../core/describe-origin.ts"
import type { Verdict } from "../../core/verdict.ts"
import { table } from "../terminal/table.ts"
import type { Canvas, Colors } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import type { SimulationEvent } from "./simulation-event.ts"

/**
 * The dry run as text, one line or more per event. Ends in a line feed.
 *
 * @param startsAt the clock at the start, for times that a provider named
 */
export function drawSimulation(
  events: readonly SimulationEvent[],
  startsAt: number,
  { colors, columns }: Canvas,
): string {
  const turns: (readonly string[])[][] = []
  const heads: string[] = []
  for (const event of events) {
    if (event.event === "prompt") {
      heads.push(wrapped(promptText(event, colors), columns))
      turns.push([])
    } else turns.at(-1)?.push(drawEvent(event, startsAt, colors))
  }
  return heads.map((head, index) => `${head}\n${table(turns[index] ?? [], columns, "  ")}`).join("\n")
}

function promptText(event: Extract<SimulationEvent, { event: "prompt" }>, colors: Colors): string {
  const { turn, at, model, chain, origin } = event
  const list = chain.length === 0 ? "no list" : `${chain.join(", ")} (${describeOrigin(origin)})`
  const time = at === 0 ? "" : colors.dim(` after ${describeDuration(at)}`)
  return `${colors.bold(`Turn ${turn}`)}${time}: ${model}, then ${list}`
}

/** Wide enough for each word in the first column. */
const labelWidth = 9

type Later = Exclude<SimulationEvent, { event: "prompt" }>

/** What happens, and the rest of it. */
function row(paint: (text: string) => string, label: string, text: string): readonly string[] {
  return [paint(label.padEnd(labelWidth)), text]
}

function drawEvent(event: Later, startsAt: number, colors: Colors): readonly string[] {
  switch (event.event) {
    case "not-asked": {
      const to = event.to === undefined ? "" : `; ${event.to} takes the turn`
      const text = `${event.model}: ${event.why}${to}${over(event.skipped, colors)}`
      return row(colors.yellow, "not asked", text)
    }
    case "answered":
      return row(colors.green, "answers", event.model)
    case "failed": {
      const what = `${event.model}: ${verdictText(event.verdict, startsAt + event.at)}`
      return row(colors.red, "fails", `${what}\n${colors.dim(`script: ${event.with}`)}`)
    }
    case "key-changed": {
      const key = `${event.provider}, key ${event.fromKey}: ${explainKind(event.kind)}`
      const next = `rests for ${describeDuration(event.forMs)}; the same request with key ${event.toKey}`
      return row(colors.yellow, "next key", `${key}, ${next}`)
    }
    case "repeated":
      return row(colors.cyan, "repeats", `the same request to ${event.model} after ${event.afterMs} ms`)
    case "switched":
      return row(colors.yellow, "switches", `${event.from} -> ${event.to}${over(event.skipped, colors)}`)
    case "left-to-opencode":
      return row(colors.cyan, "leaves it", `to OpenCode: ${passText[event.why]}`)
    case "exhausted": {
      const text = `${exhaustedText(event)}${over(event.skipped, colors)}${endText(event, colors)}`
      return row(colors.red, "exhausted", text)
    }
    case "waits":
    case "rests":
    case "toast":
    case "unused":
      return drawAside(event, colors)
  }
}

/** What goes along with it. */
function drawAside(
  event: Extract<Later, { event: "waits" | "rests" | "toast" | "unused" }>,
  colors: Colors,
): readonly string[] {
  switch (event.event) {
    case "waits":
      return row(colors.cyan, "waits", `${describeDuration(event.forMs)} for ${event.model}`)
    case "rests": {
      const failures = event.failures > 1 ? ` (failure ${event.failures} in a row)` : ""
      return row(colors.dim, "rests", `${event.subject} for ${describeDuration(event.forMs)}${failures}`)
    }
    case "toast":
      return row(colors.dim, "toast", colors.dim(event.message))
    case "unused":
      return row(colors.dim, "unused", colors.dim(`${event.step}: no request reached it in this turn`))
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
  return skipped.map((entry) => `\n${colors.dim("skipped:")} ${entry}`).join("")
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
  return `\n${colors.dim(text)}`
}
