import { describe, expect, test } from "bun:test"
import { codesOf, findPhrase, shared, transport } from "../../../../src/core/classify/knowledge.ts"
import { foldText, normalizeText, wordsOf } from "../../../../src/core/classify/normalize-text.ts"
import type { Knowledge } from "../../../../src/core/classify/rule.ts"
import { tables } from "../../../../src/core/classify/tables/tables.ts"

const sections = tables.flatMap(({ family, own = [], shared: relayed = [], transport: wire = [] }) =>
  [...own, ...relayed, ...wire].map((part): readonly [string, Knowledge] => [family, part]),
)

describe("the tables", () => {
  test.each(sections)("%s names its source", (_, { source }) => expect(source.length).toBeGreaterThan(8))

  test("hold codes and phrases as they are looked up", () => {
    for (const row of sections.flatMap(([, { rows }]) => rows)) {
      if ("phrases" in row)
        for (const phrase of row.phrases) expect(phrase).toBe(normalizeText(foldText(phrase)))
      else if (!("statuses" in row)) for (const code of codesOf(row)[1]) expect(code).toBe(code.toLowerCase())
    }
  })

  test("find every phrase that needs no pattern by its own words", () => {
    const parts = tables.flatMap(({ shared: relayed = [], transport: wire = [] }) => [...relayed, ...wire])
    const phrases = parts
      .flatMap(({ rows }) => rows)
      .flatMap((row) => ("phrases" in row && row.pattern === undefined ? row.phrases : []))
    const lost = phrases.filter((phrase) => {
      const words = wordsOf(phrase)
      return (findPhrase(shared(), phrase, words) ?? findPhrase(transport(), phrase, words)) === undefined
    })
    expect(lost).toEqual([])
  })
})
