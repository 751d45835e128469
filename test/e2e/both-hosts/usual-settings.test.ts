/**
 * The scenarios beside this file that need no settings of their own, on one OpenCode of each version: starts are what the
 * suite's time goes into. Each file can be run alone as well.
 */
import { Glob } from "bun"

for (const file of [...new Glob("*.scenarios.ts").scanSync(import.meta.dir)].toSorted())
  await import(`./${file}`)
