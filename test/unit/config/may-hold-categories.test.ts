import { expect, test } from "bun:test"
import { mayHoldCategories } from "../../../src/config/may-hold-categories.ts"
import { placesIn } from "./places-in.ts"

const user = "/home/u/.config/opencode/understudy.jsonc"
const project = "/home/me/p/.opencode/understudy.json"

test.each([
  ["nothing", {}, undefined, false],
  ["other settings", { [user]: '{ "fallback_models": ["a/b"] }' }, { fallback_models: ["a/b"] }, false],
  ["the user's file", { [user]: '{ "categories": {} }' }, undefined, true],
  ["a project's file", { [project]: "{ categories: {} }" }, undefined, true],
  ["the plugin's options", {}, { categories: {} }, true],
  ["a key in escapes", { [user]: String.raw`{ "\u0063ategories": {} }` }, undefined, true],
  ["a comment, which is read for nothing", { [user]: "{} // no categories" }, undefined, true],
] as const)("%s", async (_name, files: Readonly<Record<string, string>>, pluginOptions, expected) => {
  const input = {
    places: placesIn(["/home/u/.config/opencode"], ["/home/me/p"]),
    pluginOptions,
    readFile: (path: string) => Promise.resolve(files[path]),
  }
  expect(await mayHoldCategories(input)).toBe(expected)
})

test("a file that cannot be read hides no other", async () => {
  const readFile = (path: string) =>
    path === user ? Promise.resolve("categories") : Promise.reject(new Error("EACCES"))
  const input = { places: placesIn(["/home/u/.config/opencode"], []), readFile }
  expect(await mayHoldCategories(input)).toBe(true)
})
