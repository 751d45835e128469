import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { changesJson } from "../../../src/cli/changes/apply-changes.ts"
import { diagnose } from "../../../src/cli/doctor/diagnose.ts"
import { doctorJson } from "../../../src/cli/doctor/doctor-json.ts"
import { statusJson, statusReport } from "../../../src/cli/status/status-report.ts"
import { jsonVersion, writeJson } from "../../../src/cli/terminal/terminal.ts"
import type { JsonObject } from "../../../src/core/json-object.ts"
import { factsOf, now } from "../cli/doctor/doctor-world.ts"

const page = await Bun.file(join(import.meta.dir, "../../../docs/cli.md")).text()

/** The names in the second column of the row that begins with `title`, up to the first "each with". */
function promised(title: string): readonly string[] {
  const row = page.split("\n").find((line) => line.startsWith(`| ${title} `)) ?? ""
  const cell = row.split("|")[2]?.split(", each with")[0] ?? ""
  return [...cell.matchAll(/`(\w+)`/g)].flatMap(([, name]) => name ?? [])
}

const facts = await factsOf({ settings: { fallback_models: ["beta/tow"] } })
const doctor = doctorJson(facts, diagnose(facts))
const alone = { ...facts, openCode: undefined, answers: undefined }
const failure = {
  key: "model:alpha/one",
  failures: 1,
  kind: "rate_limit",
  failedAt: now,
  until: now + 1,
} as const
const entry = {
  at: now,
  sessionID: "ses_1",
  event: "switched",
  from: "alpha/one",
  to: "beta/two",
  kind: "rate_limit",
  durationMs: 1,
  detail: "x",
} as const
const limit = {
  account: "alpha",
  windows: [{ name: "5h", usedPercent: 40, resetsAt: now + 1_000, seenAt: now }],
  updatedAt: now,
} as const
const report = statusReport(
  { circuits: [failure], journal: [entry], limits: [limit] },
  { since: 1_000, limit: 5 },
  { now, longestCooldownMs: 1_000 },
)
const status = statusJson(report, "file")
const trial = {
  agent: "build",
  opencode: "1",
  isVersion2: false,
  model: "a/b",
  isListed: true,
  requests: [],
  output: "",
  notes: [],
  failure: undefined,
} as const

const first = (value: unknown): object => {
  const item: unknown = Array.isArray(value) ? value[0] : undefined
  if (typeof item !== "object" || item === null) throw new Error("nothing to look at")
  return item
}

function printedOf(document: JsonObject): unknown {
  let text = ""
  writeJson({ write: (piece) => void (text += piece) }, document)
  return JSON.parse(text)
}

describe("docs/cli.md names only what is there", () => {
  test.each<[string, object, readonly string[]]>([
    ["`doctor`", doctor, []],
    ["`doctor`", doctorJson(alone, diagnose(alone)), []],
    ["each of `chains`", first(doctor["chains"]), []],
    ["each of `findings`", first(doctor["findings"]), []],
    ["`status`", status, []],
    ["each of `circuits`", first(status["circuits"]), ["provider", "keyNumber"]],
    ["each of `limits`", first(status["limits"]), []],
    ["each of `journal`", first(status["journal"]), ["cause"]],
    ["`summary`", Object(status["summary"]) as object, []],
    ["`test`", { works: false, what: "x", ...trial }, []],
    ["`init`, `update`, `remove`", changesJson({ changes: [], left: [], record: undefined }), []],
  ])("%s", (title, document, alternatives) => {
    const names = promised(title)
    expect(names.length).toBeGreaterThan(0)
    const printed = Object.keys(printedOf({ ...document }) as object)
    expect(names.filter((name) => !printed.includes(name) && !alternatives.includes(name))).toEqual([])
  })

  test("and what is not known is null", () => {
    expect(printedOf({ a: undefined, b: [{ c: undefined }] })).toMatchObject({ a: null, b: [{ c: null }] })
  })

  test("and every document has the version that it names", () => {
    expect(printedOf({ a: 1 })).toEqual({ version: jsonVersion, a: 1 })
    expect(page).toContain(`with \`version\`, now ${jsonVersion}.`)
  })
})
