import { expect, test } from "bun:test"
import {
  beginsToCost,
  type Catalog,
  isPaidByToken,
  offersVariant,
  spelledAs,
} from "../../../src/core/catalog.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { catalogOf } from "../catalog-of.ts"

const catalog = catalogOf({
  "a/Own": {},
  "a/other": {},
  "a/thinks": { variants: ["low", "high"] },
  "a/plain": { variants: [] },
  "a/free": { isPaidByToken: false },
  "a/paid": { isPaidByToken: true },
})

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

test.each<[unknown, boolean | undefined]>([
  [{ input: 3, output: 15 }, true],
  [{ input: 0, output: 15 }, true],
  [{ input: 0, output: 0, cache: { read: 0, write: 0 } }, false],
  [[{ input: 0, output: 0 }], false],
  [
    [
      { input: 0, output: 0 },
      { tier: { size: 200_000 }, input: 6, output: 0 },
    ],
    true,
  ],
  [[], false],
  [{}, undefined],
  [{ input: "3" }, undefined],
  [undefined, undefined],
  [null, undefined],
])("whether tokens have a price is read from what OpenCode says: %#", (cost, isPaid) => {
  expect(isPaidByToken(cost)).toBe(isPaid)
})

test.each<[Catalog, ModelKey, ModelKey, boolean]>([
  [catalog, "a/free", "a/paid", true],
  [catalog, "A/FREE", "A/PAID", true],
  [catalog, "a/paid", "a/free", false],
  [catalog, "a/paid", "a/paid", false],
  [catalog, "a/free", "a/free", false],
  [catalog, "a/other", "a/paid", false],
  [catalog, "a/free", "a/other", false],
  [catalog, "a/free", "a/unknown", false],
  [{ known: false }, "a/free", "a/paid", false],
])("a fallback begins to cost where the own model did not: %#", (known, own, to, begins) => {
  expect(beginsToCost(known, own, to)).toBe(begins)
})
