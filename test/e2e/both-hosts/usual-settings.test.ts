/**
 * The scenarios beside this file that need no settings of their own, and those of OpenCode 2 alone, on one OpenCode of each
 * version: starts are what the suite's time goes into. Each file can be run alone as well.
 */
import { Glob } from "bun"
import { join } from "node:path"

const files = new Glob("{both-hosts,opencode2}/*.scenarios.ts").scanSync(join(import.meta.dir, ".."))
for (const file of [...files].toSorted()) await import(`../${file}`)
