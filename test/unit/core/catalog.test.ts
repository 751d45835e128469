import { expect, test } from "bun:test"
import { type Catalog, type CatalogModel, offersVariant, spelledAs } from "../../../src/core/catalog.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"

const able = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }
const catalog: Catalog = {
  known: true,
  providers: new Set(["a"]),
  models: new Map<ModelKey, CatalogModel>([
    ["a/Own", able],
    ["a/other", able],
    ["a/thinks", { ...able, variants: ["low", "high"] }],
    ["a/plain", { ...able, variants: [] }],
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

test.each<[Catalog, ModelKey, string, boolean]>([
  [catalog, "a/thinks", "high", true],
  [catalog, "A/THINKS", "high", true],
  [catalog, "a/thinks", "max", false],
  [catalog, "a/plain", "high", false],
  [catalog, "a/other", "high", true],
  [catalog, "a/unknown", "high", true],
  [{ known: false }, "a/thinks", "max", true],
])("a model has a variant that OpenCode lists, or says nothing of: %#", (known, model, variant, has) => {
  expect(offersVariant(known, model, variant)).toBe(has)
})
