/** Every frame that we make, held against each package that OpenCode bundles for the protocol. */
import { describe, expect, test } from "bun:test"
import { anthropicMessages } from "../../../src/transport/wire/anthropic-messages.ts"
import { cohereChat } from "../../../src/transport/wire/cohere-chat.ts"
import { openaiResponses } from "../../../src/transport/wire/openai-responses.ts"
import {
  emptyCompletion,
  textCompletion,
  unfinishedCompletion,
  wireProtocolFor,
} from "../../../src/transport/wire/wire-protocol.ts"
import type { WireProtocol } from "../../../src/transport/wire/wire-types.ts"
import { drive } from "./drive.ts"
import { answered, judge } from "./judge.ts"
import { packageModel, packageRows } from "./packages.ts"

/** Azure's and OpenAI's. */
const keepalive = 'event: keepalive\ndata: {"type":"keepalive","sequence_number":5}\n\n'

/** What each package reads that fails over all else, from its list of chunks. */
test.each([
  ["anthropic", "anthropicMessagesChunkSchema", anthropicMessages],
  ["xai", "xaiResponsesChunkSchema", openaiResponses],
  ["cohere", "cohereChatChunkSchema", cohereChat],
] as const)("%s: whatever the package reads is passed on", async (name, schema, protocol) => {
  const source = await Bun.file(Bun.resolveSync(`@ai-sdk/${name}`, import.meta.dir)).text()
  const [, list = ""] = source.split(`var ${schema} = `)
  const [whole = ""] = list.split("\nvar ")
  const types = [...whole.matchAll(/^( +)type: \S+literal\("(.+)"\)/gm)]
  const leastIndent = Math.min(...types.map(([, indent = ""]) => indent.length))
  const events = types.flatMap(([, indent = "", type]) => (indent.length === leastIndent ? [type] : []))
  expect(events.length).toBeGreaterThan(7)
  for (const type of events.filter((event) => event !== "error")) {
    const step = protocol.open("m").read(`data: ${JSON.stringify({ type })}\n\n`)
    expect([type, step.type === "replace" ? step.frames : ""]).toEqual([type, ""])
  }
})

for (const row of packageRows) {
  const model = packageModel(row)
  const protocolOf = async (): Promise<WireProtocol> => {
    const { promise, resolve, reject } = Promise.withResolvers<WireProtocol>()
    await judge({ model }, (url, body) => {
      const found = wireProtocolFor({ url: new URL(url), body: JSON.parse(body) })
      if (found) resolve(found)
      else reject(new Error(`no protocol of ours: ${url}`))
      return new Response("")
    })
    return promise
  }

  describe(row.name, () => {
    test("takes an empty completion for a step without content that the loop goes on from", async () => {
      const protocol = await protocolOf()
      const seen = await judge({ model }, () => emptyCompletion(protocol, "m"))
      expect(seen).toMatchObject({ text: "", reasoning: "", calls: [], errors: [], unclosed: [] })
      expect(seen.finish).toMatch(/^(?:tool-calls|other)$/)
    })

    test("takes our own answer for an answer", async () => {
      const protocol = await protocolOf()
      const seen = await judge({ model }, () => textCompletion(protocol, "m", "All is well."))
      expect(seen).toMatchObject({
        text: "All is well.",
        calls: [],
        errors: [],
        unclosed: [],
        finish: "stop",
      })
    })

    test("goes on behind our own answer where that is given in the middle of a turn", async () => {
      const protocol = await protocolOf()
      const seen = await judge({ model }, () => unfinishedCompletion(protocol, "m", "All is well."))
      expect(seen).toMatchObject({ text: "All is well.", calls: [], errors: [], unclosed: [] })
      expect(seen.finish).toMatch(/^(?:tool-calls|other)$/)
    })

    test.each(["open", "reasoning", "text"] as const)(
      "goes on from an answer among heartbeats that was cut after %s",
      async (stage) => {
        const { open, reasoning, text, answerText } = row.stream
        const frames = { open, reasoning: [...open, ...reasoning], text: [...open, ...reasoning, ...text] }[
          stage
        ]
        const protocol = await protocolOf()
        const { body } = drive(protocol, [protocol.framing.encode(frames.join(keepalive))])
        const seen = await judge({ model }, () => answered(protocol, body))
        expect(seen).toMatchObject({ calls: [], errors: [], unclosed: [] })
        expect(seen.text).toBe(stage === "text" ? answerText : "")
        expect(seen.finish).toMatch(/^(?:tool-calls|other)$/)
      },
    )
  })
}
