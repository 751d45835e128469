import { expect, test } from "bun:test"
import * as fc from "fast-check"
import { readCatalog } from "../../../../src/opencode/v1/host/read-catalog.ts"
import { readEvent } from "../../../../src/opencode/v1/host/read-event.ts"
import { readAttachments, readUserMessage } from "../../../../src/opencode/v1/host/read-user-message.ts"
import { createSelfCheck } from "../../../../src/opencode/v1/self-check.ts"

/** Names that the readers look for, so that random objects are not refused at the first look. */
const keys =
  "type properties sessionID info status error name data message role tokens cache input id agent model providerID modelID variant tools system format providers models capabilities limit context __proto__ constructor".split(
    " ",
  )
const words =
  "session.status session.error session.idle session.created message.updated session.deleted retry idle busy assistant user MessageAbortedError text file".split(
    " ",
  )

/** Nested values of every shape that JSON has, built of the words and names of OpenCode. */
const hostile = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: "medium" },
    fc.constantFrom<unknown>(...words, undefined, Number.NaN, -1, 1e308),
    fc.jsonValue(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 8 }),
    fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 8, noNullPrototype: false }),
  ),
})).value

const settings = { numRuns: 500 } as const

test("an event of any shape is read or left, never thrown at", () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...words), (properties, type) => {
      for (const event of [properties, { type, properties }]) {
        const read = readEvent(event)
        if (read) expect(typeof read.sessionID).toBe("string")
        createSelfCheck().onEvent(event, () => false)
      }
    }),
    settings,
  )
})

test("a user message of any shape is read or left, and what is read has its texts", () => {
  fc.assert(
    fc.property(hostile, (message) => {
      const read = readUserMessage(message)
      if (!read) return
      const { id, agent, model } = read
      expect([id, agent, model.providerID, model.modelID].map((value) => typeof value)).toEqual(
        Array.from({ length: 4 }, () => "string"),
      )
      expect([read.usesTools, read.isStructured].every((value) => typeof value === "boolean")).toBe(true)
    }),
    settings,
  )
})

test("parts of any shape are looked through", () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 4 }), (parts) => {
      const { images, pdf } = readAttachments(parts)
      expect([images, pdf].every((value) => typeof value === "boolean")).toBe(true)
    }),
    settings,
  )
})

test("a list of models of any shape is known or not, and its windows are no nonsense", () => {
  fc.assert(
    fc.property(hostile, (answer) => {
      const catalog = readCatalog(answer)
      if (!catalog.known) return
      expect(catalog.models.size).toBeGreaterThan(0)
      for (const { contextTokens } of catalog.models.values()) expect(contextTokens).toBeGreaterThanOrEqual(0)
    }),
    settings,
  )
})
