import { expect, test } from "bun:test"
import { resolveKeys } from "../../../src/accounts/resolve-keys.ts"
import { loadSettings } from "../../../src/config/load-settings.ts"
import { defaultSettings, settingsSchema } from "../../../src/config/schema.ts"
import { formatProblem } from "../../../src/config/settings-problem.ts"
import { placesIn } from "../config/places-in.ts"

const files: Readonly<Record<string, string>> = {
  "/run/key": " from-file\n",
  "/home/me/key": "from-home",
  "/empty": "\n",
  "/two": "sk-one\nsk-two\n",
}
const world = {
  env: { KEY: "from-env", QUOTED: "“sk-quoted”" },
  home: "/home/me",
  readFile: (path: string) =>
    path === "/forbidden" ? Promise.reject(new Error("EACCES")) : Promise.resolve(files[path]),
}

const tooMuch = "holds more than a key: a blank, a line break or a character that no key has."

test("keys come from the environment, from files, or stand there; each keeps its place", async () => {
  const keys = [
    "{env:KEY}",
    "{file:/run/key}",
    "{env:MISSING}",
    "{file:~/key}",
    "sk-written",
    "{file:/empty}",
    "{file:/forbidden}",
    "no key",
    "sk-last",
    "{file:/two}",
    "{env:QUOTED}",
    "sk-ключ",
  ]
  const settings = settingsSchema.parse({ providers: { a: { keys }, b: {} } })
  const resolved = await resolveKeys(settings, world)
  expect([...resolved.keys]).toEqual([
    [
      "a",
      [
        { key: "from-env", number: 2 },
        { key: "from-file", number: 3 },
        { key: "from-home", number: 5 },
        { key: "sk-written", number: 6 },
        { key: "sk-last", number: 10 },
      ],
    ],
  ])
  const place = (index: number) => ({
    provider: "a",
    number: index + 2,
    path: ["providers", "a", "keys", index],
  })
  expect(resolved.missing).toEqual([
    { ...place(2), what: "The environment variable MISSING is not set." },
    { ...place(5), what: "The file /empty is not there, is empty or cannot be read." },
    { ...place(6), what: "The file /forbidden is not there, is empty or cannot be read." },
    { ...place(7), what: undefined },
    { ...place(9), what: `The file /two ${tooMuch}` },
    { ...place(10), what: `The environment variable QUOTED ${tooMuch}` },
    { ...place(11), what: `The entry ${tooMuch}` },
  ])
})

test("without keys nothing is read", async () => {
  const read = () => Promise.reject(new Error("read"))
  expect((await resolveKeys(defaultSettings(), { ...world, readFile: read })).missing).toEqual([])
})

test.each<[string, unknown]>([
  ["one text in the place of a list", "sk-planted"],
  ["a list of something else", [{ key: "sk-planted" }]],
  ["an unknown form", ["{secret:sk-planted}"]],
  ["a path that depends on a folder", ["{file:sk-planted}"]],
  ["a key with a blank in it", ["sk-planted x"]],
])("a mistake in keys is named without them: %s", async (_, keys) => {
  const { problems } = await loadSettings({
    places: placesIn(["/c"], []),
    pluginOptions: { providers: { a: { keys } } },
    readFile: (path) =>
      Promise.resolve(
        path === "/c/understudy.jsonc"
          ? '{ "providers": { "a": { "keys": ["sk-planted-below"] } } }'
          : undefined,
      ),
  })
  expect(problems).toHaveLength(1)
  expect(problems.map(formatProblem).join()).not.toContain("sk-planted")
})

test("keys in a project's own file are refused, and not shown", async () => {
  const { settings, problems } = await loadSettings({
    places: placesIn(["/c"], ["/p"]),
    readFile: (path) =>
      Promise.resolve(
        path === "/p/.opencode/understudy.jsonc"
          ? '{ "providers": { "a": { "keys": ["sk-planted"] } } }'
          : undefined,
      ),
  })
  expect(settings.providers["a"]?.keys).toBeUndefined()
  expect(problems.map(({ code }) => code)).toEqual(["not-for-projects"])
  expect(problems.map(formatProblem).join()).not.toContain("sk-planted")
})
