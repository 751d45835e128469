// Runs Bun where `bun` is not linked (npm was told not to run install scripts): `node script/bun.mjs file.ts …`.
import { spawnSync } from "node:child_process"
import { findBun } from "./find-bun.mjs"

const bun = findBun()
if (bun === undefined) {
  console.error("Bun is missing. It is a dev dependency: npm ci")
  process.exit(1)
}
const { status } = spawnSync(bun, process.argv.slice(2), { stdio: "inherit" })
process.exit(status ?? 1)
