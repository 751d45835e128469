// `npm run demo`: needs Node 20 and npm only. Installs and builds what is missing, then runs script/demo.ts on Bun.
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { findBun, findOpenCode } from "./find-bun.mjs"

const repository = fileURLToPath(new URL("..", import.meta.url))
const isWindows = process.platform === "win32"

/**
 * @param {string} why
 * @param {string} file
 * @param {readonly string[]} args
 */
function prepare(why, file, args) {
  console.log(`${why}: ${[file === process.execPath ? "node" : file, ...args].join(" ")}`)
  // A shell on Windows, because npm is a script there.
  const options = {
    cwd: repository,
    stdio: ["ignore", "ignore", "inherit"],
    shell: isWindows && file === "npm",
  }
  const { status, error } = spawnSync(file, args, options)
  if (status !== 0) {
    console.error(`That failed${error === undefined ? "" : ` (${error.message})`}. The demo cannot go on.`)
    process.exit(1)
  }
}

if (findBun() === undefined || !existsSync(join(repository, "node_modules/opencode-ai"))) {
  prepare("Dependencies are missing, installing them once", "npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ])
}
if (!existsSync(join(repository, "dist/index.js"))) {
  prepare("The plugin is not built yet", process.execPath, ["script/bun.mjs", "script/build.ts"])
}
const bun = findBun()
if (bun === undefined) {
  console.error("The dev dependency `bun` has no binary for this system. The demo cannot go on.")
  process.exit(1)
}
const opencode = process.env["UNDERSTUDY_OPENCODE_BIN"] || findOpenCode()
if (opencode === undefined) {
  console.error("The dev dependency `opencode-ai` has no binary for this system. The demo cannot go on.")
  process.exit(1)
}
const env = { ...process.env, UNDERSTUDY_OPENCODE_BIN: opencode }
const { status } = spawnSync(bun, ["script/demo.ts", ...process.argv.slice(2)], {
  cwd: repository,
  stdio: "inherit",
  env,
})
process.exit(status ?? 1)
