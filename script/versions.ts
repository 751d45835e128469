import Table from "cli-table3"
/**
 * Runs the core of the end-to-end suite on several versions of OpenCode and prints which feature holds on which.
 * `engines.opencode` and the table of supported versions in the README follow from it.
 *
 * npm run versions -- [--versions 1.18.22,2.0.15] [--only settings] [--short] [--cache FOLDER]
 *
 * `--short` leaves out what takes minutes.
 */
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Feature, features } from "./versions/features.ts"
import { everyOpenCode2, installOpenCode, newestOpenCode } from "./versions/install-opencode.ts"
import { type FeatureResult, runFeature } from "./versions/run-feature.ts"

/** The oldest that is supported, and the one we develop with. */
const usualVersions = ["1.18.22", "1.18.33"]

const { values } = parseArgs({
  options: {
    versions: { type: "string" },
    short: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    cache: { type: "string", default: join(tmpdir(), "understudy-opencode-versions") },
  },
})
const versions = values.versions?.split(",") ?? [
  ...new Set([...usualVersions, await newestOpenCode()]),
  ...(await everyOpenCode2()),
]
const chosen = features.filter(
  ({ name, isLong }) => name.includes(values.only) && !(values.short && isLong === true),
)
const results = new Map<string, FeatureResult | undefined>()
const keyOf = (version: string, feature: Feature): string => `${version} ${feature.name}`

for (const version of versions) {
  const binary = await installOpenCode(version, values.cache)
  for (const feature of chosen) {
    const result = await runFeature(feature, version, binary)
    results.set(keyOf(version, feature), result)
    console.log(`${version}  ${feature.name}: ${cell(result)}`)
    if (result !== undefined && result.failed.length > 0) await tellFailures(version, feature, result)
  }
}

const table = new Table({ head: ["", ...versions], style: { head: [], border: [] } })
for (const feature of chosen)
  table.push([feature.name, ...versions.map((version) => cell(results.get(keyOf(version, feature))))])
console.log(table.toString())
process.exitCode = [...results.values()].some((result) => (result?.failed.length ?? 0) > 0) ? 1 : 0

async function tellFailures(version: string, { name }: Feature, result: FeatureResult): Promise<void> {
  for (const title of result.failed) console.log(`    ${title}`)
  const path = join(values.cache, `${version} ${name}`.replaceAll(/[^\w.]+/g, "-") + ".txt")
  await Bun.write(path, result.report)
  console.log(`    What the run has printed: ${path}`)
}

function cell(result: FeatureResult | undefined): string {
  if (result === undefined) return "no test"
  const { passed, failed, skipped } = result
  const whole = passed + failed.length
  const note = skipped > 0 ? `, ${skipped} skipped` : ""
  return failed.length === 0 ? `pass ${passed}${note}` : `FAIL ${failed.length} of ${whole}${note}`
}
