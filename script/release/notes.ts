/** Prints the changelog's lines of the version in package.json; exits 1 when there are none, or the tag is another. */
import { join } from "node:path"
import packageJson from "../../package.json" with { type: "json" }
import { releaseNotes } from "./changelog.ts"

const { version } = packageJson
const tag = process.argv[2]
if (tag !== undefined && tag !== `v${version}`)
  throw new Error(`The tag is ${tag}, but package.json has version ${version}.`)
const changelog = await Bun.file(join(import.meta.dir, "../../CHANGELOG.md")).text()
const notes = releaseNotes(changelog, version)
if (notes === undefined || notes === "") throw new Error(`CHANGELOG.md says nothing about ${version}.`)
console.log(notes)
