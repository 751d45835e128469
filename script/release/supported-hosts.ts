import { join } from "node:path"
import { parseArgs } from "node:util"
/**
 * Writes the paragraph on supported versions of OpenCode into the README, from `engines.opencode` and the last run
 * of `npm run versions`, which is kept in docs/supported-hosts.json.
 *
 *   npm run versions | tee versions.txt
 *   node script/bun.mjs script/release/supported-hosts.ts --from versions.txt    keeps that run
 *   node script/bun.mjs script/release/supported-hosts.ts [--check]
 */
import packageJson from "../../package.json" with { type: "json" }
import { asArray, field, isObject } from "../../src/core/json-object.ts"
import { withGeneratedPart } from "../generated-part.ts"
import { writeGenerated } from "../write-generated.ts"
import { type HostResult, hostsText, readHostMatrix } from "./host-matrix.ts"

const root = join(import.meta.dir, "../..")
const kept = Bun.file(join(root, "docs/supported-hosts.json"))
const readme = Bun.file(join(root, "README.md"))
const { values } = parseArgs({
  options: { from: { type: "string" }, check: { type: "boolean", default: false } },
})

if (values.from !== undefined) {
  const versions = readHostMatrix(await Bun.file(values.from).text())
  if (versions.length === 0) throw new Error(`${values.from} holds no line of npm run versions.`)
  const run = { date: new Date().toISOString().slice(0, 10), versions }
  await kept.write(`${JSON.stringify(run, undefined, 2)}\n`)
}

const run = await lastRun()
const hosts = hostsText(packageJson.engines.opencode, run.date, run.versions)
await writeGenerated({
  path: join(root, "README.md"),
  text: withGeneratedPart(await readme.text(), "hosts", hosts),
  isCheck: values.check,
  command: "node script/bun.mjs script/release/supported-hosts.ts",
})

async function lastRun(): Promise<{ readonly date: string; readonly versions: readonly HostResult[] }> {
  if (!(await kept.exists())) return { date: "", versions: [] }
  const run: unknown = await kept.json()
  const versions = asArray(field(run, "versions")).filter(isObject)
  return {
    date: String(field(run, "date")),
    versions: versions.map(({ version, passed, failed }) => ({
      version: String(version),
      passed: Number(passed),
      failed: Number(failed),
    })),
  }
}
