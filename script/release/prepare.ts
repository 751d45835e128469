/**
 * Prepares a release: the version in package.json and its lock file, the changelog, the supported hosts in the README.
 * Commits and publishes nothing. `npm run release:prepare 0.2.0`; see docs/releasing.md.
 */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import semver from "semver"
import packageJson from "../../package.json" with { type: "json" }
import { releaseNotes, withRelease } from "./changelog.ts"

const root = join(import.meta.dir, "../..")
const version = process.argv[2] ?? ""
if (semver.valid(version) !== version) throw new Error("Give the new version, such as 0.2.0.")
if (semver.lt(version, packageJson.version))
  throw new Error(`${version} is older than ${packageJson.version}, which package.json has.`)

const changelog = Bun.file(join(root, "CHANGELOG.md"))
const text = await changelog.text()
// Whoever prepares the same version twice has looked at it and mended something in between.
const isDone = releaseNotes(text, version) !== undefined && releaseNotes(text, "Unreleased") === ""
const released = isDone ? text : withRelease(text, version, new Date().toISOString().slice(0, 10))
if (version !== packageJson.version)
  run("npm", ["version", version, "--no-git-tag-version", "--ignore-scripts"])
await changelog.write(released)
run(process.execPath, [join(import.meta.dir, "supported-hosts.ts")])
console.log(`\nPrepared ${version}. Look at it, commit it, and tag the commit v${version}.`)

function run(command: string, args: readonly string[]): void {
  // npm is a script on Windows.
  const shell = process.platform === "win32" && command === "npm"
  const { status } = spawnSync(command, [...args], { cwd: root, stdio: "inherit", shell })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed.`)
}
