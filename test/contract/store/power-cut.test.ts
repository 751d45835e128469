import { afterAll, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CircuitKey } from "../../../src/core/circuit.ts"
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import { failure, journalEntry, noon, sessionRecord } from "./store-records.ts"

const folder = mkdtempSync(join(tmpdir(), "understudy-power-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const pageBytes = 4_096

/** Always the same numbers in [0, 1). */
function numbers(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x80000000
}

const circuit = (index: number): CircuitKey => `model:p/m${index}`

function open(path: string, logged: string[] = []) {
  mkdirSync(join(path, ".."), { recursive: true })
  return createSqliteStore({ path, now: () => noon, log: (_, message) => logged.push(message) })
}

/** The file and its log as they were again and again while they were written. */
async function history(): Promise<readonly (readonly [file: Buffer, log: Buffer])[]> {
  const path = join(folder, "written", "health.sqlite")
  const seen: (readonly [Buffer, Buffer])[] = []
  for (let at = 0; at < 6; at += 1) {
    const store = open(path)
    for (let index = at * 30; index < at * 30 + 30; index += 1) {
      store.updateCircuit(circuit(index), () => failure(circuit(index), noon))
      store.appendJournal({ ...journalEntry(noon), detail: "x".repeat(index) })
      store.saveSession(sessionRecord(`ses_${index % 40}`, noon - index))
      if (index % 5 === 0) seen.push([readFileSync(path), readFileSync(`${path}-wal`)])
    }
    await store.close()
  }
  return seen
}

test("whatever of the file's pages are old or lost, it is used or set aside, and what is written then is there", async () => {
  const seen = await history()
  const random = numbers(7)
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  /** Most pages from the newest, some older, some never written. */
  const mixed = (versions: readonly Buffer[], share: number): Buffer => {
    const newest = versions.at(-1) ?? Buffer.alloc(0)
    const mix = Buffer.alloc(newest.length)
    for (let at = 0; at < mix.length; at += pageBytes) {
      const from = random() < share ? oneOf(versions) : newest
      if (random() > share / 10) from.copy(mix, at, Math.min(at, from.length), at + pageBytes)
    }
    return mix
  }
  let kept = 0
  for (let round = 0; round < 80; round += 1) {
    const newest = 8 + Math.floor(random() * (seen.length - 8))
    const before = seen.slice(newest - 8, newest)
    const path = join(folder, String(round), "health.sqlite")
    mkdirSync(join(path, ".."))
    const share = oneOf([0.03, 0.3])
    writeFileSync(
      path,
      mixed(
        before.map(([file]) => file),
        share,
      ),
    )
    if (random() < 0.5)
      writeFileSync(
        `${path}-wal`,
        mixed(
          before.map(([, log]) => log),
          share,
        ),
      )
    const logged: string[] = []
    const store = open(path, logged)
    for (const record of store.circuits()) expect(record).toEqual(failure(record.key, noon))
    for (let index = 0; index < 40; index += 1) store.saveSession(sessionRecord(`ses_${index}`, noon))
    store.updateCircuit(circuit(1_000), () => failure(circuit(1_000), noon))
    store.appendJournal(journalEntry(noon, "ses_new"))
    await store.close()
    const again = open(path, logged)
    expect(again.circuit(circuit(1_000))).toEqual(failure(circuit(1_000), noon))
    expect(again.session("ses_7")).toEqual(sessionRecord("ses_7", noon))
    expect(again.journal({ limit: 1, sessionID: "ses_new" })).toHaveLength(1)
    await again.close()
    const isAside = readdirSync(join(path, "..")).some((name) => name.includes("corrupt"))
    expect(logged.map((line) => line.replace(/^.*(was damaged).*$/s, "$1"))).toEqual(
      isAside ? ["was damaged"] : [],
    )
    kept += isAside ? 0 : 1
  }
  // Both must come up: else this would say nothing of the other.
  expect(kept).toBeGreaterThan(10)
  expect(kept).toBeLessThan(70)
}, 60_000)
