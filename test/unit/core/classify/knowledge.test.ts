import { describe, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import {
  codesOf,
  findCode,
  findPhrase,
  isCodeRow,
  shared,
  transport,
} from "../../../../src/core/classify/knowledge.ts"
import { foldText, normalizeText } from "../../../../src/core/classify/normalize-text.ts"
import type { Row } from "../../../../src/core/classify/rule.ts"
import { tables } from "../../../../src/core/classify/tables/tables.ts"

const folder = new URL("../../../../src/core/classify/tables/", import.meta.url).pathname
const files = readdirSync(folder).filter((name) => name !== "tables.ts")

const rows = tables.flatMap(({ own = [], shared: relayed = [], transport: wire = [] }): readonly Row[] => [
  ...own,
  ...relayed,
  ...wire,
])

describe("the tables", () => {
  test.each(files)("%s names its sources above its rows", (name) => {
    const lists = readFileSync(`${folder}${name}`, "utf8").split(/\b(?:own|shared|transport): \[\n/)
    expect(lists.length).toBeGreaterThan(1)
    for (const list of lists.slice(1)) expect(list.trimStart()).toMatch(/^\/\/ \S.{8}/)
  })

  test("hold codes and phrases as they are looked up", () => {
    for (const row of rows) {
      if (isCodeRow(row)) {
        for (const code of codesOf(row)[1])
          if (typeof code === "string") expect(code).toBe(code.toLowerCase())
      } else if (!("statuses" in row)) {
        for (const phrase of row.phrases ?? []) expect(phrase).toBe(normalizeText(foldText(phrase)))
      }
    }
  })

  test("find every phrase that needs no pattern", () => {
    const phrases = rows.flatMap((row) =>
      "phrases" in row && row.pattern === undefined ? (row.phrases ?? []) : [],
    )
    const relayed = tables.flatMap(({ own = [] }) =>
      own.flatMap((row) => ("phrases" in row ? (row.phrases ?? []) : [])),
    )
    const lost = phrases.filter(
      (phrase) => (findPhrase(shared(), phrase) ?? findPhrase(transport(), phrase)) === undefined,
    )
    expect(lost.filter((phrase) => !relayed.includes(phrase))).toEqual([])
  })

  /** Families of codes: what belongs to them without being listed, and what only looks so. */
  const ofTheSystem: readonly (readonly [code: string, kind: string | undefined])[] = [
    ["econnaborted", "network"],
    ["enetunreach", "network"],
    ["eai_again", "network"],
    ["errno111", "network"],
    ["hpe_invalid_chunk_size", "network"],
    ["errno110", "timeout"],
    ["winerror10054", "network"],
    ["winerror10060", "timeout"],
    ["etimedout", "timeout"],
    ["enoent", undefined],
    ["eacces", undefined],
    ["errno122", undefined],
    ["winerror10013", undefined],
  ]
  test.each(ofTheSystem)("the system's %s is %p", (code, kind) => {
    expect(findCode(transport(), [code], "proof")?.kind).toBe(kind as undefined)
  })
})
