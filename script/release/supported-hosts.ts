/**
 * Writes the paragraph on supported versions of OpenCode into the README, from `engines.opencode` and the last run
 * of `npm run versions`, which is kept in docs/supported-hosts.json.
 *
 *   npm run versions | tee versions.txt
 *   node script/bun.mjs script/release/supported-hosts.ts --from versions.txt    keeps that run
 *   node script/bun.mjs script/release/supported-hosts.ts [--check]
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import packageJson from "../../package.json" with { type: "json" }
import { isRecord } from "../../test/simulator/protocol/json.ts"
import { writeGenerated } from "../write-generated.ts"
import { type HostResult, hostsText, markers, readHostMatrix, withHosts } from "./host-matrix.ts"

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
const text = withHosts(await readme.text(), hostsText(packageJson.engines.opencode, run.date, run.versions))
if (text === undefined) throw new Error(`README.md has no ${markers.start} … ${markers.end}.`)
await writeGenerated({
  path: join(root, "README.md"),
  text,
  isCheck: values.check,
  command: "node script/bun.mjs script/release/supported-hosts.ts",
})

async function lastRun(): Promise<{ readonly date: string; readonly versions: readonly HostResult[] }> {
  if (!(await kept.exists())) return { date: "", versions: [] }
  const run: unknown = await kept.json()
  const entries: readonly unknown[] = isRecord(run) && Array.isArray(run["versions"]) ? run["versions"] : []
  const versions = entries.filter(isRecord).map((entry) => ({
    version: String(entry["version"]),
    passed: Number(entry["passed"]),
    failed: Number(entry["failed"]),
  }))
  return { date: isRecord(run) ? String(run["date"]) : "", versions }
}
