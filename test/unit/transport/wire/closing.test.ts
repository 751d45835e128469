import { describe, expect, test } from "bun:test"
import { type StopReason, stoppingStep } from "../../../../src/transport/wire/closing.ts"
import type { Closing, Shown } from "../../../../src/transport/wire/wire-types.ts"

/** What a stop reason means after what was shown: nothing, a thought, a text, a call. */
const rows: readonly (readonly [StopReason, Readonly<Record<Shown, Closing>>])[] = [
  ["stop", { nothing: "empty", reasoning: "turn-ends", text: "turn-ends", tool: "goes-on" }],
  ["limit", { nothing: "turn-ends", reasoning: "turn-ends", text: "turn-ends", tool: "goes-on" }],
  ["filter", { nothing: "filtered", reasoning: "filtered", text: "turn-ends", tool: "goes-on" }],
  ["calls", { nothing: "cut", reasoning: "cut", text: "turn-ends", tool: "goes-on" }],
  ["unknown", { nothing: "cut", reasoning: "cut", text: "turn-ends", tool: "goes-on" }],
]

describe("the end of an answer", () => {
  const cells = rows.flatMap(([reason, closings]) =>
    Object.entries(closings).map(([shown, closing]) => [reason, shown as Shown, closing] as const),
  )
  test.each(cells)("%s after %s: %s", (reason, shown, closing) => {
    const reader = { shown, finished: false }
    expect(stoppingStep(reader, reason, "said")).toEqual({ type: "closing", closing, frames: "said" })
    expect(reader.finished).toBe(closing === "turn-ends" || closing === "goes-on")
  })

  test("is repaired where there is an answer, and a word over which OpenCode would ask again", () => {
    const stop = (reason: StopReason, shown: Shown) =>
      stoppingStep({ shown, finished: true }, reason, "said", () => "mended")
    const repaired = cells.filter(([reason, shown]) => JSON.stringify(stop(reason, shown)).includes("mended"))
    expect(repaired.map(([reason, shown]) => `${reason} ${shown}`)).toEqual(["calls text", "unknown text"])
  })
})
