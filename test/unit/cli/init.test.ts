import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { diffOf } from "../../../src/cli/changes/file-change.ts"
import { addMissing, appendTo, removeFrom, removeKey, replaceAt } from "../../../src/cli/changes/edit-json.ts"
import { proposeChain } from "../../../src/cli/init/propose-chain.ts"
import { translateFallbackPlugin } from "../../../src/cli/init/import/fallback-plugins.ts"
import { translateOhMyOpenCode, translateSlim } from "../../../src/cli/init/import/oh-my-opencode.ts"
import { mergeImports } from "../../../src/cli/init/import/find-imports.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { catalogOf } from "../catalog-of.ts"

describe("edits keep every other character", () => {
  test.each([
    [
      "comments and a trailing comma",
      '{\n  // mine\n  "model": "a/b",\n}\n',
      '{\n  // mine\n  "model": "a/b",\n  "plugin": ["x"],\n}\n',
    ],
    [
      "a comment behind the last member",
      '{\n  "model": "a/b" // best\n}\n',
      '{\n  "model": "a/b", // best\n  "plugin": ["x"]\n}\n',
    ],
    ["tabs", '{\n\t"model": "a/b"\n}\n', '{\n\t"model": "a/b",\n\t"plugin": ["x"]\n}\n'],
    [
      "Windows line ends",
      '{\r\n    "model": "a/b"\r\n}\r\n',
      '{\r\n    "model": "a/b",\r\n    "plugin": ["x"]\r\n}\r\n',
    ],
    ["a byte order mark", '\uFEFF{\n  "a": 1\n}', '\uFEFF{\n  "a": 1,\n  "plugin": ["x"]\n}'],
    [
      "a list with comments",
      '{\n  "plugin": [ // all\n    "y" /* why */\n  ]\n}',
      '{\n  "plugin": [ // all\n    "y",\n    "x" /* why */\n  ]\n}',
    ],
    [
      "a list with a trailing comma",
      '{\n  "plugin": [\n    "y", // first\n  ]\n}',
      '{\n  "plugin": [\n    "y", // first\n    "x",\n  ]\n}',
    ],
    [
      "a list on one line",
      '{ "plugin": ["y", ["z", { "a": 1 }]], "b": 2 }',
      '{ "plugin": ["y", ["z", { "a": 1 }], "x"], "b": 2 }',
    ],
    ["an empty list", '{\n  "plugin": [ ],\n  "b": 2\n}', '{\n  "plugin": ["x" ],\n  "b": 2\n}'],
    ["an object on one line", '{"b":{"c":1}}', '{"b":{"c":1}, "plugin": ["x"]}'],
    [
      "an empty object with a comment",
      "{\n  // nothing yet\n}\n",
      '{\n  "plugin": ["x"]\n  // nothing yet\n}\n',
    ],
    ["an empty file", "", '{\n  "plugin": ["x"]\n}\n'],
  ])("%s", (_title, before, after) => {
    expect(appendTo(before, "plugin", "x")).toBe(after)
  })

  test("any text stays valid and gains exactly one entry", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 2, "\t"),
        (others, list, indentation) => {
          const before = JSON.stringify({ ...others, plugin: list }, undefined, indentation)
          const expected = JSON.parse(before) as { readonly plugin: readonly unknown[] }
          const after: unknown = JSON.parse(appendTo(before, "plugin", "x"))
          expect(after).toEqual({ ...expected, plugin: [...expected.plugin, "x"] })
          const { plugin, ...rest } = expected
          const emptied: unknown = JSON.parse(removeFrom(before, "plugin", () => true))
          expect(emptied).toEqual(plugin.length === 0 ? expected : rest)
        },
      ),
    )
  })

  test("entries of a list go without their neighbours", () => {
    const text = '{ "plugin": ["a", ["b", { "x": 1 }], "c"] }'
    const without = removeFrom(text, "plugin", (entry) => Array.isArray(entry) || entry === "c")
    expect(without).toBe('{ "plugin": ["a"] }')
  })

  test.each([
    ['{ "plugin": ["c",], "b": 1 }', '{ "b": 1 }'],
    ['{ "plugin": ["a", "c",] }', '{ "plugin": ["a",] }'],
    ['{ "plugin": [\n "c", // why\n "a" ] }', '{ "plugin": [\n "a" ] }'],
    ['{ "model": "c" }', '{ "model": "c" }'],
  ])("%s without c is %s", (before, after) => {
    expect(removeFrom(before, "plugin", (entry) => entry === "c")).toBe(after)
  })

  test.each([
    ["beside others", '{\n  "a": 1,\n  "b": 2, // two\n  "c": 3\n}', ["b"], '{\n  "a": 1,\n  "c": 3\n}'],
    ["the last one", '{ "a": 1, "b": 2 }', ["b"], '{ "a": 1 }'],
    [
      "with the objects that it leaves empty",
      '{ "x": 1, "agent": { "build": { "b": 2 } } }',
      ["agent", "build", "b"],
      '{ "x": 1 }',
    ],
    ["of the document itself", '{ "b": 2 }', ["b"], "{ }"],
    ["and leaves no empty line", '{\n  "b": [\n    "x"\n  ],\n}\n', ["b"], "{\n}\n"],
    ["with Windows line ends", '{\r\n  "a": 1,\r\n  "b": 2\r\n}', ["b"], '{\r\n  "a": 1\r\n}'],
    [
      "but not what is said of its neighbours",
      '{\n  "a": 1, // one, the first\n  // two\n  "b": 2, // why\n  // three\n  "c": 3\n}',
      ["b"],
      '{\n  "a": 1, // one, the first\n  // two\n  // three\n  "c": 3\n}',
    ],
    [
      "but not what is said of the one before the last",
      '{\n  "a": 1, /* one, */ // the first\n  "b": 2\n}',
      ["b"],
      '{\n  "a": 1 /* one, */ // the first\n}',
    ],
    ["that is not there", '{ "a": 1 }', ["b"], '{ "a": 1 }'],
  ])("a key goes %s", (_title, before, path, after) => {
    expect(removeKey(before, path)).toBe(after)
  })

  test("a value is put in the place of another", () => {
    const text = '{ "plugin": ["x", ["y@1", { "a": 1 }]] // mine\n}'
    expect(replaceAt(text, ["plugin", 1, 0], "y@2")).toBe(text.replace("y@1", "y@2"))
    expect(replaceAt(text, ["plugin", 5], "z")).toBe(text)
  })

  test("what is there already stays, and is named", () => {
    const { text, kept } = addMissing('{ "runtime_fallback": { "enabled": false } }', {
      runtime_fallback: { enabled: true, cooldown_seconds: 5 },
      fallback_models: ["a/b"],
    })
    expect(JSON.parse(text)).toEqual({
      runtime_fallback: { enabled: false, cooldown_seconds: 5 },
      fallback_models: ["a/b"],
    })
    expect(kept).toEqual(["runtime_fallback.enabled"])
  })

  test("a second run changes nothing", () => {
    const once = addMissing("{}", { fallback_models: ["a/b"] }).text
    expect(addMissing(once, { fallback_models: ["a/b"] })).toEqual({ text: once, kept: [] })
  })
})

describe("settings of oh-my-opencode", () => {
  test("chains, categories and the runtime are imported", () => {
    const { settings } = translateOhMyOpenCode({
      runtime_fallback: {
        enabled: false,
        retry_on_errors: [400, 429],
        cooldown_seconds: 90,
        restore_primary_after_cooldown: false,
      },
      agents: {
        oracle: {
          model: "openai/gpt-5.2",
          category: "deep",
          fallback_models: [
            "gpt-5.2-mini(high)",
            { model: "google/gemini-3-pro", maxTokens: 4_096, temperature: 0.2 },
          ],
        },
        gone: { disable: true, fallback_models: ["a/b"] },
        plain: { model: "a/b" },
      },
      categories: {
        deep: { model: "openai/gpt-5.2", fallback_models: "a/b", prompt_append: "Think.", temperature: 1 },
      },
    })
    expect(settings).toEqual({
      runtime_fallback: { retry_on_errors: [429], cooldown_seconds: 90, restore_primary: "never" },
      agents: {
        oracle: {
          category: "deep",
          fallback_models: [
            { model: "openai/gpt-5.2-mini", variant: "high" },
            { model: "google/gemini-3-pro", temperature: 0.2, max_tokens: 4_096 },
          ],
        },
      },
      categories: { deep: { model: "openai/gpt-5.2", prompt_append: "Think.", fallback_models: ["a/b"] } },
    })
  })

  test("what has no equivalent is named, not dropped in silence", () => {
    const { notImported } = translateOhMyOpenCode({
      runtime_fallback: { timeout_seconds: 30, retry_on_errors: [400] },
      agents: {
        oracle: { fallback_models: ["nameless", { model: "a/b", thinking: {} }] },
        sage: { model: "x/y" },
      },
      categories: { deep: { prompt_append: "file://./x.txt", temperature: 0.1 } },
    })
    expect(notImported.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "agents.oracle.fallback_models[0]",
      "agents.oracle.fallback_models[1].thinking",
      "agents.sage.model",
      "categories.deep.prompt_append",
      "categories.deep.temperature",
      "runtime_fallback.retry_on_errors: 400",
      "runtime_fallback.timeout_seconds",
    ])
  })

  test("of the slim one the lists in the place of a model", () => {
    const { settings } = translateSlim({
      preset: "p",
      presets: {
        p: { oracle: { model: ["a/b", "c/d", { model: "e/f" }] } },
        q: { fixer: { model: ["x/y", "z/z"] } },
      },
    })
    expect(settings).toEqual({ agents: { oracle: { fallback_models: ["c/d", "e/f"] } } })
  })
})

describe("settings of plugins that do nothing but fall back", () => {
  test.each([
    [
      "opencode-fallback",
      {
        fallback_models: "a/b",
        max_fallback_attempts: 5,
        ttft_timeout_seconds: 20,
        notify_on_fallback: false,
      },
      {
        fallback_models: ["a/b"],
        runtime_fallback: {
          max_fallback_attempts: 5,
          first_token_timeout_seconds: 20,
          notify_on_fallback: false,
        },
      },
    ],
    [
      "smart-coders-hq",
      {
        enabled: true,
        defaults: { cooldownMs: 300_000, maxFallbackDepth: 3 },
        agents: { "*": { fallbackModels: ["a/b"] }, build: { fallbackModels: ["c/d"] } },
      },
      {
        fallback_models: ["a/b"],
        agents: { build: { fallback_models: ["c/d"] } },
        runtime_fallback: { cooldown_seconds: 300, max_fallback_attempts: 3 },
      },
    ],
    [
      "renjfk",
      { mappings: { "a/b": "c/d" }, retryable_error_patterns: ["rate.?limit"] },
      {
        models: { "a/b": { fallback_models: ["c/d"] } },
        runtime_fallback: { retry_on_patterns: ["rate.?limit"] },
      },
    ],
    [
      "shutovks",
      {
        fallback_models: ["a/b"],
        unavailable_models: ["c/d"],
        max_attempts: 2,
        cooldown_ms: 5_000,
        notify: false,
      },
      {
        fallback_models: ["a/b"],
        ignore_models: ["c/d"],
        runtime_fallback: { max_fallback_attempts: 2, cooldown_seconds: 5, notify_on_fallback: false },
      },
    ],
    [
      "azumag and lichti",
      { cooldownMs: 60_000, fallbackModels: [{ providerID: "nvidia", modelID: "z-ai/glm" }] },
      { fallback_models: ["nvidia/z-ai/glm"], runtime_fallback: { cooldown_seconds: 60 } },
    ],
  ])("%s", (_title, theirs, ours) => {
    expect(translateFallbackPlugin(theirs).settings).toEqual(ours)
  })

  test("their own switch is never imported, because it would switch this plugin off", () => {
    expect(translateFallbackPlugin({ enabled: false })).toEqual({ settings: {}, notImported: [] })
  })
})

test("of two plugins that say something about the same key the first counts", () => {
  const imported = (fallback_models: readonly string[]) => ({
    title: "",
    from: "",
    notImported: [],
    settings: { fallback_models },
  })
  expect(mergeImports([imported(["a/b"]), imported(["c/d"])])).toEqual({ fallback_models: ["a/b"] })
})

describe("the diff that people see", () => {
  const before = `{
  // my key sk-comment
  "provider": { "x": { "options": { "apiKey": "sk-1", "pin": 123456789 } } },
  "plugin": ["other"]
}
`

  test("shows what changes and the names around it, and no value beside it", () => {
    const after = appendTo(before, "plugin", "opencode-understudy")
    const diff = diffOf({ path: "/c/opencode.json", before, after })
    expect(diff).not.toMatch(/sk-|123456789/)
    expect(diff).toContain('   "provider": { "x": { "options": { "apiKey": "…", "pin": … } } },')
    expect(diff).toContain('+  "plugin": ["…", "opencode-understudy"]')
  })

  test("shows all of a file that is new", () => {
    const after = '{ "fallback_models": ["a/b"] }\n'
    expect(diffOf({ path: "/c/u.jsonc", before: undefined, after })).toContain(`+${after}`)
  })

  test("no text that was there before and stays is ever shown, on however few lines", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{9,20}$/)
    fc.assert(
      fc.property(secret, fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue()), (key, other) => {
        // Names of keys are shown, and such a name may happen to be the secret.
        fc.pre(!JSON.stringify(other).includes(key))
        const text = JSON.stringify({ ...other, zz: [key, { k: key }] })
        const diff = diffOf({ path: "/c/o.json", before: text, after: appendTo(text, "plugin", "x") })
        expect(diff).not.toContain(key)
      }),
    )
  })
})

describe("proposeChain", () => {
  const model = (key: string, more: { readonly status?: string; readonly releaseDate?: string } = {}) => ({
    key: key as ModelKey,
    family: undefined,
    status: undefined,
    npm: undefined,
    ...more,
  })
  const propose = (
    models: readonly ReturnType<typeof model>[],
    primary: ModelKey | undefined,
    used: readonly ModelKey[] = [],
    weak: readonly string[] = [],
  ) =>
    proposeChain(
      models,
      catalogOf(
        Object.fromEntries(
          models.map(({ key, releaseDate }) => [
            key,
            { toolCalls: !weak.includes(key), ...(releaseDate !== undefined && { releaseDate }) },
          ]),
        ),
      ),
      primary,
      used,
    )

  test.each([
    [
      "the same model elsewhere comes first",
      ["anthropic/claude-opus-4-5", "openai/gpt-9", "bedrock/anthropic.claude-opus-4-5-20251101-v1:0"],
      ["bedrock/*", "openai/gpt-9"],
    ],
    [
      "dots and dashes do not matter",
      ["anthropic/claude-opus-4-5", "a/z", "copilot/claude-opus-4.5"],
      ["copilot/*", "a/z"],
    ],
    [
      "one model of each other provider",
      ["anthropic/claude-opus-4-5", "anthropic/x", "a/one", "a/two", "b/one"],
      ["a/one", "b/one"],
    ],
    [
      "with one provider its own other models",
      ["anthropic/claude-opus-4-5", "anthropic/haiku"],
      ["anthropic/haiku"],
    ],
    ["nothing, when there is nobody else", ["anthropic/claude-opus-4-5"], []],
    ["at most three", ["a/1", "b/1", "c/1", "d/1"], ["a/1", "b/1", "c/1"]],
  ])("%s", (_title, keys, chain) => {
    expect(
      propose(
        keys.map((key) => model(key)),
        "anthropic/claude-opus-4-5",
      ),
    ).toEqual(chain as ModelKey[])
  })

  test("a model in use is better than a newer one, a newer one better than an older", () => {
    const models = [
      model("a/old", { releaseDate: "2024-01-01" }),
      model("a/new", { releaseDate: "2026-01-01" }),
      model("b/used"),
      model("b/new", { releaseDate: "2026-02-02" }),
    ]
    expect(propose(models, "x/y", ["b/used"])).toEqual(["b/used", "a/new"])
  })

  test("never one that cannot call tools or is deprecated", () => {
    const models = [model("a/deaf"), model("b/old", { status: "deprecated" }), model("c/fine")]
    expect(propose(models, undefined, [], ["a/deaf"])).toEqual(["c/fine"])
  })

  test("OpenCode's own free models only where they are in use, or there is nothing else", () => {
    const free = model("opencode/free")
    const paid = model("a/paid")
    expect(propose([free, paid], "x/y")).toEqual(["a/paid"])
    expect(propose([free, paid], "x/y", ["opencode/free"])).toEqual(["opencode/free", "a/paid"])
    expect(propose([free], undefined)).toEqual(["opencode/free"])
  })

  test("nothing while OpenCode does not say what is connected", () => {
    expect(proposeChain([model("a/b")], { known: false }, undefined, [])).toEqual([])
  })
})
