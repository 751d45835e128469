/** A part of the product, and the test files that prove it on a real OpenCode of each major version. */
export type Feature = {
  readonly name: string
  /** Takes minutes: left out by `--short`. */
  readonly isLong?: true
  readonly v1: readonly string[]
  readonly v2: readonly string[]
}

/** The same files on both hosts, and what else each has of its own. */
function both(
  name: string,
  files: readonly string[],
  own: Partial<Pick<Feature, "v1" | "v2">> = {},
): Feature {
  const shared = files.map((file) => `both-hosts/${file}`)
  return { name, v1: [...shared, ...(own.v1 ?? [])], v2: [...shared, ...(own.v2 ?? [])] }
}

/** The core of the end-to-end suite: what a user of a version must be able to rely on. */
export const features: readonly Feature[] = [
  { name: "what it depends on in OpenCode", v1: ["host-facts"], v2: ["opencode2/host-facts"] },
  both("before the first byte", ["before-the-first-byte", "run"], { v2: ["opencode2/in-flight"] }),
  both("in the middle of a reply", ["mid-stream"]),
  both("after a tool call", ["after-a-tool"]),
  { name: "one prompt, one message", v1: ["in-flight/one-message", "in-flight/half-made-call"], v2: [] },
  { ...both("from protocol to protocol", ["protocol-pairs"]), isLong: true },
  { name: "fields of the turn kept", isLong: true, v1: ["in-flight/carry-over"], v2: [] },
  both("silence", ["silence"]),
  both("cooldown, whole chain", ["cooldown", "whole-chain", "waits"]),
  both("the user's choice, Esc", ["users-choice", "user-abort"], {
    v1: ["in-flight/user-abort"],
    v2: ["opencode2/own-model"],
  }),
  both("many sessions", ["many-sessions"]),
  { name: "reactive", isLong: true, v1: ["reactive"], v2: [] },
  both("compaction", ["compaction"], {
    v1: ["in-flight/compaction", "outside-the-loop"],
    v2: ["opencode2/outside-the-loop"],
  }),
  { name: "choice of model", isLong: true, v1: ["in-flight/choice-of-model"], v2: [] },
  { name: "settings", v1: ["settings"], v2: ["opencode2/settings"] },
  both("keys", ["several-keys"], { v1: ["keys"] }),
  { name: "/understudy", v1: ["in-flight/command"], v2: ["opencode2/command"] },
  { name: "delegate_task", v1: ["in-flight/delegate-task"], v2: ["opencode2/delegate-task"] },
]
