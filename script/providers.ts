/**
 * Runs each package that OpenCode brings along through what goes wrong with a provider, and writes what was seen
 * into docs/providers.md.
 *
 * npm run providers -- [--only bedrock]
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import packageJson from "../package.json" with { type: "json" }
import { providerRows } from "./providers/provider-row.ts"
import { providersPage } from "./providers/providers-page.ts"
import { runRows } from "./providers/run-rows.ts"

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } })
const rows = providerRows.filter(({ name }) => name.includes(values.only))
const results = await runRows(rows)
for (const { row, outcomes } of results) {
  const faults = outcomes.filter(({ fault }) => fault !== undefined)
  console.log(`${row.name}: ${faults.length === 0 ? "in flight" : ""}`)
  for (const { situation, fault } of faults) console.log(`    ${situation}: ${fault}`)
}
if (rows.length === providerRows.length) {
  const page = providersPage(results, packageJson.devDependencies["opencode-ai"])
  await Bun.write(join(import.meta.dir, "../docs/providers.md"), page)
}
process.exitCode = results.some(({ outcomes }) => outcomes.some(({ fault }) => fault !== undefined)) ? 1 : 0
