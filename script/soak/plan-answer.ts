import { pick, type Random, randomFor } from "./random.ts"

/** How a stream breaks off. A silence lasts for longer than any limit that is set, and then the connection breaks. */
export type Break = "reset" | "error frame" | "end without terminator" | "silence"

export type Place =
  | "mid text"
  | "mid thought"
  | "in a tool's input"
  | "after a whole call"
  | "after everything"

export type Fault =
  | {
      readonly kind: "status"
      readonly status: number
      readonly retryAfter?: string
      readonly body?: "html" | "error"
    }
  | {
      readonly kind: "no answer"
      readonly how: "reset" | "silence" | "silence after headers" | "garbage" | "pings"
    }
  | { readonly kind: "broken"; readonly place: Place; readonly how: Break }

/** What the model would say: it calls a tool, or says its words. */
export type Holds = "call" | "words"

/** One answer of a model. */
export type PlannedAnswer = {
  readonly fault: Fault | undefined
  readonly thinksFirst: boolean
  /** The words come one by one, each well within the limits. */
  readonly isSlow: boolean
}

export type Asked = {
  readonly model: string
  readonly tag: string
  /** How often this model was asked for this tag before. */
  readonly count: number
  readonly holds: Holds
  readonly isDoomed: boolean
}

const told = (status: number, seconds: number): Fault => ({
  kind: "status",
  status,
  retryAfter: String(seconds),
})

const early: readonly Fault[] = [
  // As long as the soak's settings let anybody rest.
  ...[429, 503, 529].flatMap((status) => Array.from({ length: 4 }, () => told(status, 4))),
  ...[429, 500, 502, 503, 504, 529, 401, 402].map((status): Fault => ({ kind: "status", status })),
  // Lies: what they say is no time in which anybody could be back.
  ...["soon", "-5", "1e308", "Thu, 01 Jan 1970 00:00:00 GMT"].map((retryAfter): Fault => ({
    kind: "status",
    status: 429,
    retryAfter,
  })),
  { kind: "status", status: 200, body: "error" },
  { kind: "status", status: 503, body: "html" },
  ...(["reset", "silence", "silence after headers", "garbage", "pings"] as const).map((how): Fault => ({
    kind: "no answer",
    how,
  })),
]

/** What another try does not change. */
const lasting: readonly Fault[] = [
  { kind: "status", status: 401 },
  { kind: "status", status: 402 },
  { kind: "status", status: 404 },
]

const breaks: readonly Break[] = ["reset", "error frame", "end without terminator", "silence"]

const places: Readonly<Record<Holds, readonly Place[]>> = {
  call: ["after a whole call", "after a whole call", "in a tool's input", "mid thought", "mid text"],
  words: ["mid text", "mid thought", "after everything"],
}

/** How often a model fails in each request of a turn, and in the same way: only then can a storm go on. */
const habitRate = 0.06

/** The same for the same seed and the same question. @param rate how often a model fails, from 0 to 1 */
export function planAnswer(seed: number, rate: number, asked: Asked): PlannedAnswer {
  const random = randomFor(seed, `${asked.model} ${asked.tag} ${asked.count}`)
  return {
    fault: planFault(random, rate, asked, randomFor(seed, `${asked.model} ${asked.tag}`)),
    thinksFirst: random() < 0.2,
    isSlow: random() < 0.1,
  }
}

/** @param habit the same for all requests of a turn to a model */
function planFault(
  random: Random,
  rate: number,
  { isDoomed, holds }: Asked,
  habit: Random,
): Fault | undefined {
  if (isDoomed) return pick(random, lasting)
  if (habit() < habitRate) return pickFault(habit, holds)
  return random() < rate ? pickFault(random, holds) : undefined
}

function pickFault(random: Random, holds: Holds): Fault {
  return random() < 0.5
    ? pick(random, early)
    : { kind: "broken", place: pick(random, places[holds]), how: pick(random, breaks) }
}

/** For people and for counting. */
export function faultName(fault: Fault): string {
  switch (fault.kind) {
    case "status":
      return [
        fault.status,
        ...(fault.body === undefined ? [] : [`with ${fault.body}`]),
        ...(fault.retryAfter === undefined ? [] : [`retry-after ${fault.retryAfter}`]),
      ].join(" ")
    case "no answer":
      return `${fault.how} before the first byte`
    case "broken":
      return `${fault.how} ${fault.place}`
  }
}

/** For how long the provider itself says that it must not be asked, milliseconds; lies say nothing. */
export function retryAfterMs(fault: Fault): number | undefined {
  if (fault.kind !== "status" || fault.retryAfter === undefined || !/^\d+$/.test(fault.retryAfter))
    return undefined
  return Number(fault.retryAfter) * 1_000
}

/** Whether nothing comes of it for as long as the simulated providers are silent. */
export function isSilent(fault: Fault): boolean {
  if (fault.kind === "no answer") return fault.how.startsWith("silence") || fault.how === "pings"
  return fault.kind === "broken" && fault.how === "silence"
}
