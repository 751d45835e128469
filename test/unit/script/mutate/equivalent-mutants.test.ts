import { expect, test } from "bun:test"
import { join } from "node:path"
import { equivalentMutants } from "../../../../script/mutate/equivalent-mutants.ts"
import { findMutants } from "../../../../script/mutate/find-mutants.ts"

const root = join(import.meta.dir, "../../../..")

test.each(equivalentMutants)("$change of $file is still made", async ({ file, change }) => {
  const mutants = findMutants(await Bun.file(join(root, file)).text())
  expect(mutants.map((mutant) => mutant.change)).toContain(change)
})
