/** The comparison of bytes in WebAssembly, beside one of texts that is easily seen to be right. */
import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { type AlikeBytes, skimBytes } from "../../../../src/transport/wire/alike-bytes.ts"

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"))
const nothing = bytesOf("")

type Kind = { readonly head: string; readonly tail: string; readonly whole: RegExp }

/** The inside of a JSON string. */
const inside = String.raw`(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])`

const afterText: Kind = {
  head: 'data: {"delta":{"content":"',
  tail: '"},"finish_reason":null}\n\n',
  whole: new RegExp(String.raw`^data: \{"delta":\{"content":"${inside}+"\},"finish_reason":null\}\n\n`),
}
const afterAnything: Kind = {
  head: "event: delta\n",
  tail: "",
  // The head may end with the first LF of the blank line.
  whole: /^event: delta(?:\n[^\n\r]+)*\n\n/,
}

/** Whether more bytes could make a frame of these. */
function mayBecomeOne(left: string, { head, tail }: Kind): boolean {
  if (left.length <= head.length) return head.startsWith(left)
  if (!left.startsWith(head)) return false
  const rest = left.slice(head.length)
  if (tail === "") return !rest.includes("\r")
  const said = new RegExp(String.raw`^${inside}*(?:\\$)?`).exec(rest)?.[0] ?? ""
  const behind = rest.slice(said.length)
  return behind === "" || (said !== "" && tail.startsWith(behind))
}

function expected(text: string, kind: Kind): { readonly end: number; readonly isCut: boolean } {
  let end = 0
  for (let left = text; ; left = text.slice(end)) {
    const length = kind.whole.exec(left)?.[0].length
    if (length === undefined) return { end, isCut: left !== "" && mayBecomeOne(left, kind) }
    end += length
  }
}

function skimmed(text: string, { head, tail }: Kind, leadLength = 0) {
  const alike: AlikeBytes = { head: bytesOf(head), tail: bytesOf(tail) }
  const [lead, chunk] = [text.slice(0, leadLength), text.slice(leadLength)]
  const { end, isCut } = skimBytes(alike, bytesOf(chunk), 0, bytesOf(lead))
  return { end: end + leadLength, isCut }
}

const odd = fc.constantFrom('"', "\\", '\\"', "\\\\", "\n", "\r", "\n\n", "\t", "\u007f", "\u00e4", "}", "x")
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
  ["alike up to the blank line", afterAnything],
])("frames that are %s", (_name, kind) => {
  const { head, tail } = kind
  const end = tail === "" ? "\n\n" : tail
  const good = fc
    .constantFrom("word", "a longer text of some words", "x", "\u00c3\u00a4")
    .map((text) => head + text + end)
  const frames = fc.oneof(
    { weight: 6, arbitrary: good },
    insides.map((inside) => head + inside + end),
    insides,
  )
  const texts = fc.array(frames, { maxLength: 8 }).map((parts) => parts.join(""))

  test("end where a comparison of texts says, wherever the bytes do", () => {
    fc.assert(
      fc.property(texts, fc.nat(), (text, place) => {
        const cut = text.slice(0, place % (text.length + 1))
        for (const bytes of [text, cut]) expect(skimmed(bytes, kind)).toEqual(expected(bytes, kind))
      }),
      { numRuns: 2_000 },
    )
  })

  test("may begin before the chunk", () => {
    fc.assert(
      fc.property(good, texts, fc.nat(), (first, others, place) => {
        const leadLength = 1 + (place % (first.length - 1))
        expect(skimmed(first + others, kind, leadLength)).toEqual(expected(first + others, kind))
      }),
      { numRuns: 500 },
    )
  })

  test("are found in any number of bytes", () => {
    const rows = Array.from({ length: 9_000 }, (_, index) => `${head}word ${index}${end}`).join("")
    for (const text of [rows, `${rows}data: [DONE]\n\n`, rows + head, `${head}word${end}${rows}`])
      expect(skimmed(text, kind, 3)).toEqual(expected(text, kind))
  })

  test("are read where one is larger than what is looked at at once", () => {
    const large = `${head}${"x".repeat(70_000)}${end}`
    expect(skimmed(large + large, kind)).toEqual({ end: 0, isCut: false })
    expect(skimmed(head + "x".repeat(60_000), kind)).toEqual({ end: 0, isCut: true })
  })
})

test("nothing is found to be alike where there is no WebAssembly", () => {
  const path = JSON.stringify(require.resolve("../../../../src/transport/wire/alike-bytes.ts"))
  const script = `delete globalThis.WebAssembly
    const bytes = (text) => new TextEncoder().encode(text)
    const { skimBytes } = await import(${path})
    const alike = { head: bytes("data: "), tail: bytes("") }
    console.log(JSON.stringify([0, 0, 2].map((lead) => skimBytes(alike, bytes("data: x\\n\\n").subarray(lead), 0, bytes("da".slice(0, lead))))))`
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script])
  expect(stderr.toString()).toBe("")
  const none = { end: 0, isCut: false }
  expect(JSON.parse(stdout.toString())).toEqual([none, none, { ...none, end: -2 }])
})

test("each is compared with its own", () => {
  const kinds = [afterText, afterAnything].map(({ head, tail }) => ({
    head: bytesOf(head),
    tail: bytesOf(tail),
  }))
  const frames = [`${afterText.head}word${afterText.tail}`, `${afterAnything.head}word\n\n`].map(bytesOf)
  for (const [kind, alike] of [...kinds.entries(), ...kinds.entries()])
    for (const [other, frame] of frames.entries())
      expect(skimBytes(alike, frame, 0, nothing).end).toBe(kind === other ? frame.length : 0)
})
