/**
 * Runs each package that OpenCode brings along through what goes wrong with a provider, and writes what was seen
 * into docs/providers.md.
 *
 * npm run providers -- [--only bedrock]
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import packageJson from "../package.json" with { type: "json" }
import { startHost } from "../test/e2e/harness/host.ts"
import { release2 } from "../test/e2e/harness/opencode2/find-binary.ts"
import { startHost2 } from "../test/e2e/harness/opencode2/host.ts"
import { providerRows } from "./providers/provider-row.ts"
import { isInFlight, providersPage } from "./providers/providers-page.ts"
import { runRows } from "./providers/run-rows.ts"

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } })
const rows = providerRows.filter(({ name }) => name.includes(values.only))
const runs = [
  { openCode: packageJson.devDependencies["opencode-ai"], results: await runRows(rows, startHost) },
  { openCode: release2.version, results: await runRows(rows, startHost2) },
]
for (const { openCode, results } of runs)
  for (const { row, outcomes } of results) {
    const faults = outcomes.filter(({ fault }) => fault !== undefined)
    console.log(`OpenCode ${openCode}, ${row.name}: ${faults.length === 0 ? "in flight" : ""}`)
    for (const { situation, fault } of faults) console.log(`    ${situation}: ${fault}`)
  }
if (rows.length === providerRows.length)
  await Bun.write(join(import.meta.dir, "../docs/providers.md"), providersPage(runs))
process.exitCode = runs.every(({ results }) => results.every(isInFlight)) ? 0 : 1
