import { expect, test } from "bun:test"
import { mergeImports } from "../../../../../src/cli/init/import/find-imports.ts"

test("of two plugins that say something about the same key the first counts", () => {
  const imported = (fallback_models: readonly string[]) => ({
    title: "",
    from: "",
    notImported: [],
    settings: { fallback_models },
  })
  expect(mergeImports([imported(["a/b"]), imported(["c/d"])])).toEqual({ fallback_models: ["a/b"] })
})
