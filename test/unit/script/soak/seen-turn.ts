import type { SeenRequest, SeenTurn } from "../../../../script/soak/seen.ts"

/** A turn with which nothing is wrong. */
export const good: SeenTurn = {
  plan: {
    tag: "[s0.t0]",
    tasks: [{ do: "append", line: "s0.t0.0" }],
    event: { kind: "none" },
    isDoomed: false,
  },
  server: 0,
  session: "ses_1",
  chain: ["a/own", "b/next"],
  startedAtMs: 20_000,
  end: { is: "answered" },
  text: "Well, done [s0.t0]",
  sessionErrors: [],
  users: [{ text: "[s0.t0] please", model: "a/own", isCompaction: false }],
  standsOn: "a/own",
  tools: ["bash:completed"],
  lines: new Map([["s0.t0.0", 1]]),
  traces: [],
  prompts: [{ text: "[s0.t0] please", mayMiss: false }],
}

/** A request of that turn. */
export const failedRequest = (model: string, atMs = 20_500): SeenRequest => ({
  tag: good.plan.tag,
  step: "0",
  model,
  atMs,
  endedAtMs: atMs + 10,
  holds: "words",
  fault: "503",
  retryAfterMs: undefined,
  isSilent: false,
  traces: [],
})
