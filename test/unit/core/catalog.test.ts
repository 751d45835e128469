import { expect, test } from "bun:test"
import { type Catalog, spelledAs } from "../../../src/core/catalog.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"

const able = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }
const catalog: Catalog = {
  known: true,
  providers: new Set(["a"]),
  models: new Map([
    ["a/Own", able],
    ["a/other", able],
  ]),
}

test.each<[Catalog | undefined, ModelKey, ModelKey]>([
  [catalog, "a/other", "a/other"],
  [catalog, "A/OTHER", "a/other"],
  [catalog, "a/own", "a/Own"],
  [catalog, "a/unknown", "a/unknown"],
  [{ known: false }, "a/OTHER", "a/OTHER"],
  [undefined, "a/OTHER", "a/OTHER"],
])("a model in the catalog's own spelling: %#", (known, written, spelled) => {
  expect(spelledAs(known, written)).toBe(spelled)
})
