/** A part of the product, and the test files that prove it on a real OpenCode. */
export type Feature = { readonly name: string; readonly files: readonly string[] }

/** The core of the end-to-end suite: what a user of a version must be able to rely on. */
export const features: readonly Feature[] = [
  { name: "before the first byte", files: ["in-flight/before-the-first-byte"] },
  { name: "in the middle of a reply", files: ["in-flight/mid-stream"] },
  { name: "after a tool call", files: ["in-flight/after-a-tool"] },
  { name: "every pair of protocols", files: ["in-flight/protocol-pairs"] },
  { name: "fields of the turn kept", files: ["in-flight/carry-over"] },
  { name: "silence", files: ["in-flight/silence"] },
  { name: "cooldown, whole chain", files: ["in-flight/cooldown", "in-flight/whole-chain"] },
  { name: "Esc", files: ["in-flight/user-abort"] },
  { name: "many sessions", files: ["in-flight/many-sessions"] },
  { name: "reactive", files: ["reactive"] },
  { name: "compaction, title", files: ["compaction", "outside-the-loop"] },
  { name: "choice of model", files: ["choice-of-model"] },
  { name: "settings", files: ["settings"] },
  { name: "/understudy", files: ["command"] },
  { name: "delegate_task", files: ["delegate-task"] },
]
