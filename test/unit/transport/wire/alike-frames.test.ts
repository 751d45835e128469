/** The comparison of bytes, beside one of texts that is easily seen to be right. */
import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { AlikeFrames } from "../../../../src/transport/wire/alike-frames.ts"
import type { Alike } from "../../../../src/transport/wire/wire-types.ts"

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"))

type Kind = {
  readonly head: string
  readonly tail: string
  readonly whole: RegExp
  readonly begun: RegExp
}

/** The inside of a JSON string. */
const inside = String.raw`(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])`

const afterText: Kind = {
  head: 'data: {"delta":{"content":"',
  tail: '"},"finish_reason":null}\n\n',
  whole: new RegExp(String.raw`^data: \{"delta":\{"content":"${inside}+"\},"finish_reason":null\}\n\n`),
  begun: new RegExp(String.raw`^${inside}*(?:\\$)?`),
}
const afterLine: Kind = {
  head: "event: delta\n",
  tail: "\n\n",
  whole: /^event: delta\n[^\n]+\n\n/,
  begun: /^[^\n]*/,
}

/** Whether more bytes could make a frame of these. */
function mayBecomeOne(left: string, { head, tail, begun }: Kind): boolean {
  if (left.length <= head.length) return head.startsWith(left)
  if (!left.startsWith(head)) return false
  const rest = left.slice(head.length)
  const said = begun.exec(rest)?.[0] ?? ""
  const behind = rest.slice(said.length)
  return behind === "" || (said !== "" && tail.startsWith(behind))
}

function expected(text: string, kind: Kind, from: number): { readonly end: number; readonly isCut: boolean } {
  let end = from
  for (let left = text.slice(from); ; left = text.slice(end)) {
    const length = kind.whole.exec(left)?.[0].length
    if (length === undefined) return { end, isCut: left !== "" && mayBecomeOne(left, kind) }
    end += length
  }
}

function learned({ head, tail }: Kind): AlikeFrames {
  const frames = new AlikeFrames()
  frames.learn({ alike: () => [head, tail] }, "any")
  return frames
}

function skimmed(text: string, kind: Kind, from = 0) {
  const frames = learned(kind)
  return { end: frames.skim(bytesOf(text), from), isCut: frames.isCut }
}

const odd = fc.constantFrom('"', "\\", '\\"', "\\\\", "\n", "\n\n", "\t", "\u007f", "\u00e4", "}", "x")
const insides = fc
  .array(
    fc.oneof(
      odd,
      fc.nat(40).map((count) => "w".repeat(count)),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""))

describe.each([
  ["alike but for a text", afterText],
  ["alike but for the rest of a line", afterLine],
])("frames that are %s", (_name, kind) => {
  const { head, tail } = kind
  const good = fc
    .constantFrom("word", "a longer text of some words", "x", "\u00c3\u00a4")
    .map((text) => head + text + tail)
  const frames = fc.oneof(
    { weight: 6, arbitrary: good },
    insides.map((between) => head + between + tail),
    insides,
  )
  const texts = fc.array(frames, { maxLength: 8 }).map((parts) => parts.join(""))

  test("end where a comparison of texts says, wherever the bytes do", () => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, place) => {
        const cut = text.slice(0, place % (text.length + 1))
        for (const bytes of [text, cut]) expect(skimmed(bytes, kind)).toEqual(expected(bytes, kind, 0))
      }),
      { numRuns: 2_000 },
    )
  })

  test("may begin anywhere in the chunk", () => {
    fc.assert(
      fc.property(insides, texts, (before, text) => {
        const whole = before + text
        expect(skimmed(whole, kind, before.length)).toEqual(expected(whole, kind, before.length))
      }),
      { numRuns: 500 },
    )
  })

  test("are found in any number of bytes", () => {
    const rows = Array.from({ length: 9_000 }, (_, index) => `${head}word ${index}${tail}`).join("")
    const large = `${head}${"x".repeat(70_000)}${tail}`
    for (const text of [rows, `${rows}data: [DONE]\n\n`, rows + head, large + large, large.slice(0, 60_000)])
      expect(skimmed(text, kind)).toEqual(expected(text, kind, 0))
  })
})

test("each answer is compared with its own", () => {
  const kinds = [afterText, afterLine]
  const frames = kinds.map(({ head, tail }) => `${head}word${tail}`)
  for (const [kind, alike] of kinds.entries())
    for (const [other, frame] of frames.entries())
      expect(skimmed(frame, alike).end).toBe(kind === other ? frame.length : 0)
})

test("where no frame is like the one before it, a few teach that of all", () => {
  const frames = new AlikeFrames()
  let asked = 0
  const reader = { alike: (): Alike => [`frame ${(asked += 1)}`, "\n\n"] }
  for (let count = 0; count < 50; count += 1) {
    frames.learn(reader, `frame ${count}`)
    frames.skim(bytesOf("something else"), 0)
  }
  expect(asked).toBeLessThan(10)
})

test("before anything is learned nothing is alike", () => {
  const frames = new AlikeFrames()
  expect([frames.skim(bytesOf("data: x\n\n"), 3), frames.isCut, frames.isKnown]).toEqual([3, false, false])
})
