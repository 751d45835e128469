import {
  type Beat,
  cut,
  endOfStream,
  errorFrame,
  garbage,
  halfCall,
  pause,
  ping,
  reset,
  say,
  silence,
  silenceAfterHeaders,
  status,
  type Step,
  stream,
} from "../../test/simulator/index.ts"
import { pick, type Random } from "./random.ts"

export type Fault = {
  readonly name: string
  /** @param beats what the model would have said, of which the fault may let some through */
  readonly step: (beats: readonly Beat[]) => Step
  /** For how long the provider itself says that it must not be asked, milliseconds. */
  readonly toldMs?: number
  /** It never ends by itself. Where nobody can take over the plugin waits on, as OpenCode does: for five minutes. */
  readonly isEndless?: true
}

const withStatus = (code: number, headers?: Record<string, string>, body?: unknown): Fault["step"] => {
  return () => status(code, { ...(headers && { headers }), ...(body !== undefined && { body }) })
}

const told = (code: number, seconds: number): Fault => ({
  name: `${code} retry-after ${seconds}`,
  step: withStatus(code, { "retry-after": String(seconds) }),
  toldMs: seconds * 1_000,
})

const lie = (value: string): Fault => ({
  name: `429 that lies: retry-after ${value}`,
  step: withStatus(429, { "retry-after": value, "x-ratelimit-reset-requests": value }),
})

/** Every way to fail that a provider, a proxy or a cable has; each as likely as the others. */
const faults: readonly Fault[] = [
  told(429, 2),
  told(503, 2),
  told(529, 3),
  ...[429, 500, 502, 503, 504, 529].map((code) => ({ name: String(code), step: withStatus(code) })),
  lie("soon"),
  lie("-5"),
  lie("1e308"),
  lie("Thu, 01 Jan 1970 00:00:00 GMT"),
  { name: "401", step: withStatus(401) },
  { name: "402", step: withStatus(402) },
  {
    name: "an error that says 200",
    step: withStatus(200, {}, { error: { message: "Overloaded", code: 529 } }),
  },
  { name: "503 with HTML", step: withStatus(503, { "content-type": "text/html" }, "<html>\u0000 busy") },
  { name: "reset", step: reset },
  { name: "silence", isEndless: true, step: silence },
  { name: "silence after the headers", isEndless: true, step: silenceAfterHeaders },
  { name: "garbage", step: garbage },
  { name: "reset after a word", step: () => stream(say("Well, "), cut()) },
  { name: "reset after everything", step: (beats) => stream(...beats, cut()) },
  { name: "error frame after a word", step: () => stream(say("Well, "), errorFrame()) },
  { name: "error frame after everything", step: (beats) => stream(...beats, errorFrame()) },
  { name: "end without terminator", step: (beats) => stream(...beats, endOfStream()) },
  { name: "cut in a tool call", step: () => stream(halfCall("bash"), cut()) },
  { name: "stall in the middle", isEndless: true, step: () => stream(say("Well, "), { kind: "silence" }) },
  { name: "pings and nothing else", isEndless: true, step: () => stream(...pings(200), { kind: "silence" }) },
]

function pings(count: number): readonly Beat[] {
  return Array.from({ length: count }, () => [ping(), pause(20)]).flat()
}

/** @param isLast nobody stands behind the model: it does not fall silent for ever */
export const pickFault = (random: Random, isLast: boolean): Fault =>
  pick(
    random,
    faults.filter((fault) => !(isLast && fault.isEndless)),
  )

/** No fault: the words come one by one, each well within the time-outs. */
export const slowly = (beats: readonly Beat[]): Step => stream(...beats.flatMap((beat) => [beat, pause(150)]))
