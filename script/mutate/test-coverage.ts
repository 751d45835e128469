import { mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { runTests } from "./run-tests.ts"

/** One test file as it ran without a mutant. */
export type KnownTest = {
  readonly path: string
  /** From start to end of its process. */
  readonly durationMs: number
  /** For each source file its lines, and whether they ran. */
  readonly lines: ReadonlyMap<string, ReadonlyMap<number, boolean>>
}

const patient = { testMs: 60_000, allMs: 300_000 }

/** Runs each test file alone. Throws when one fails: then nothing can be said of mutants. */
export async function measureTests(copy: string, tests: readonly string[]): Promise<readonly KnownTest[]> {
  const known: KnownTest[] = []
  for (const path of tests) {
    const folder = await mkdtemp(join(copy, "coverage-"))
    const { result, durationMs, report } = await runTests(copy, [path], patient, [
      "--coverage",
      "--coverage-reporter=lcov",
      `--coverage-dir=${folder}`,
    ])
    if (result !== "passed") throw new Error(`${path} fails without any mutant, mend it first: ${report}`)
    const lines = readCoverage(await Bun.file(join(folder, "lcov.info")).text())
    await rm(folder, { recursive: true, force: true })
    known.push({ path, durationMs, lines })
  }
  return known
}

function readCoverage(lcov: string): KnownTest["lines"] {
  const files = new Map<string, Map<number, boolean>>()
  let lines = new Map<number, boolean>()
  for (const record of lcov.split("\n")) {
    const [name = "", value = ""] = record.split(/:(.*)/)
    if (name === "SF") files.set(value, (lines = new Map()))
    const [line, count] = value.split(",").map(Number)
    if (name === "DA" && line !== undefined) lines.set(line, count !== 0)
  }
  return files
}

/** The tests that run this line, the fastest first. A line without a record belongs to the one before it. */
export function testsOfLine(known: readonly KnownTest[], file: string, line: number): readonly KnownTest[] {
  const runs = ({ lines }: KnownTest): boolean => {
    const recorded = lines.get(file)
    if (recorded === undefined) return false
    for (let at = line; at > 0; at -= 1) {
      const ran = recorded.get(at)
      if (ran !== undefined) return ran
    }
    return true
  }
  return known.filter(runs).toSorted((a, b) => a.durationMs - b.durationMs)
}
