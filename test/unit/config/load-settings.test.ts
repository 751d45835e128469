import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { keysAt } from "../../../src/config/allowed-text.ts"
import { loadSettings, type LoadSettingsInput } from "../../../src/config/load-settings.ts"
import { projectSettings } from "../../../src/config/project-settings.ts"
import { settingsFileLimit } from "../../../src/config/read-settings-file.ts"
import { defaultSettings, settingsSchema } from "../../../src/config/schema.ts"
import { formatProblem, summarizeProblems } from "../../../src/config/settings-problem.ts"
import { placesIn } from "./places-in.ts"

const global = "/c/understudy.jsonc"
const project = "/p/.opencode/understudy.jsonc"

function load(files: Readonly<Record<string, string>>, more: Partial<LoadSettingsInput> = {}) {
  return loadSettings({
    places: placesIn(["/c"], ["/p"]),
    readFile: async (path) => files[path],
    ...more,
  })
}

const agents = (settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => ({
  agentSettings: settings,
})

describe("sources", () => {
  test("without any there are the defaults, and nothing to complain about", async () => {
    expect(await load({})).toMatchObject({ settings: defaultSettings(), problems: [], files: [] })
  })

  test("later ones win key by key, lists replace, and the files that were read are named", async () => {
    const file = (build: Readonly<Record<string, string>>, models: readonly string[], more: object = {}) =>
      JSON.stringify({ agents: { build }, fallback_models: models, ...more })
    const runtime = (cooldown_seconds: number, more: object = {}) => ({
      runtime_fallback: { cooldown_seconds, ...more },
    })
    const files = {
      "/c/understudy.json": file({}, ["a/1", "b/1"], runtime(1, { patience_seconds: 9 })),
      [global]: file({ category: "c" }, ["a/2"], { ...runtime(4), categories: { c: { model: "a/b" } } }),
      "/w/.opencode/understudy.jsonc": file({ fallback_models: "a/5" }, ["a/3"]),
      "/w/p/.opencode/understudy.json": file({ fallback_models: "a/6" }, ["a/4"]),
    }
    const places = { places: placesIn(["/c"], ["/w", "/w/p"]) }
    const { settings, files: read, problems } = await load(files, places)
    expect(settings.runtime_fallback).toEqual({
      ...defaultSettings().runtime_fallback,
      cooldown_seconds: 4,
      patience_seconds: 9,
    })
    expect(settings.fallback_models).toEqual([{ model: "a/4" }])
    expect(settings.agents).toEqual({ build: { category: "c", fallback_models: [{ model: "a/6" }] } })
    expect(read).toEqual(Object.keys(files))
    expect(problems).toEqual([])
    const outranked = await load(files, {
      ...places,
      pluginOptions: { runtime_fallback: { cooldown_seconds: 5 } },
    })
    expect(outranked.settings.runtime_fallback.cooldown_seconds).toBe(5)
    expect(outranked.settings.fallback_models).toEqual([{ model: "a/4" }])
  })

  test("an agent's own keys in OpenCode's configuration outrank all, and keep what they do not name", async () => {
    const { settings } = await load(
      {
        [global]:
          '{ "agents": { "build": { "category": "deep", "fallback_models": ["a/b"] } }, "categories": { "deep": { "model": "a/b" } } }',
      },
      agents({ build: { fallback_models: "c/d" } }),
    )
    expect(settings.agents).toEqual({ build: { category: "deep", fallback_models: [{ model: "c/d" }] } })
  })

  test("a list of keys that holds none takes no good list's place, and says so", async () => {
    const files = { [global]: '{ "providers": { "a": { "keys": ["{env:GOOD}"] } } }' }
    const keys = (list: readonly unknown[]) =>
      load(files, { pluginOptions: { providers: { a: { keys: list } } } })
    const { settings, problems } = await keys([5, "two words"])
    expect(settings.providers["a"]?.keys).toEqual(["{env:GOOD}"])
    expect(problems).toMatchObject([{ code: "invalid-setting", path: "providers.a.keys" }])
    expect((await keys([5, "{env:OTHER}"])).settings.providers["a"]?.keys).toEqual(["", "{env:OTHER}"])
    // Only "~/" is the home folder.
    expect((await keys(["{env:OTHER}", "{file:~\\key}"])).settings.providers["a"]?.keys).toEqual([
      "{env:OTHER}",
      "",
    ])
    expect((await keys([])).settings.providers["a"]?.keys).toEqual([])
  })

  test("one kind of same_model_retries leaves the others at their default", async () => {
    const { settings } = await load({
      [global]: '{ "runtime_fallback": { "same_model_retries": { "rate_limit": 2, "network": 0 } } }',
    })
    expect(settings.runtime_fallback.same_model_retries).toMatchObject({
      rate_limit: 2,
      network: 0,
      server_error: 1,
    })
  })

  test("no project folder, no project file", async () => {
    const files = { [project]: '{ "fallback_models": ["a/b"] }' }
    expect((await load(files)).files).toEqual([project])
    expect((await load(files, { places: placesIn(["/c"], []) })).files).toEqual([])
  })

  test.each([
    ["comments and trailing commas", '{\n// x\n"fallback_models": ["a/b",], /* y */\n}'],
    ["a byte order mark", '\uFEFF{ "fallback_models": ["a/b"] }'],
    ["Windows line ends", '{\r\n"fallback_models": ["a/b"]\r\n}'],
  ])("reads %s", async (_title, text) => {
    const { settings, problems } = await load({ [global]: text })
    expect(settings.fallback_models).toEqual([{ model: "a/b" }])
    expect(problems).toEqual([])
  })

  test.each([
    ["nothing at all", ""],
    ["comments alone", "// later\n"],
  ])("a file with %s says nothing", async (_title, text) => {
    expect(await load({ [global]: text })).toMatchObject({
      settings: defaultSettings(),
      problems: [],
      files: [global],
    })
  })
})

type Bad = readonly [title: string, text: string, problem: string]

const badFiles: readonly Bad[] = [
  [
    "a value of the wrong type",
    '{\n  "runtime_fallback": {\n    "cooldown_seconds": "60" } }',
    `${global}:3:25: runtime_fallback.cooldown_seconds: found "60". Allowed: a number. Seconds, 0 to 604800, that a model is left alone after a failure when the provider gives no time. 60 is used instead.`,
  ],
  [
    "a value out of bounds",
    '{"runtime_fallback":{"max_fallback_attempts":99}}',
    `${global}:1:46: runtime_fallback.max_fallback_attempts: found 99. Allowed: Maximum number of switches to another model within one turn, 0 to 20. 3 is used instead.`,
  ],
  [
    "a misspelled key",
    '{\n "runtime_fallback": { "cooldownSeconds": 5 }}',
    `${global}:2:24: runtime_fallback.cooldownSeconds: found an unknown key. Did you mean "cooldown_seconds"? It is ignored, the rest stays in force.`,
  ],
  [
    "a key without its unit",
    '{"runtime_fallback":{"cooldown":5}}',
    `${global}:1:22: runtime_fallback.cooldown: found an unknown key. Did you mean "cooldown_seconds"? It is ignored, the rest stays in force.`,
  ],
  [
    "a key that lacks a word",
    '{"runtime_fallback":{"maxAttempts":2}}',
    `${global}:1:22: runtime_fallback.maxAttempts: found an unknown key. Did you mean "max_fallback_attempts"? It is ignored, the rest stays in force.`,
  ],
  [
    "a key in the wrong place",
    '{ "cooldown_seconds": 5 }',
    `${global}:1:3: cooldown_seconds: found an unknown key. It belongs in runtime_fallback. It is ignored, the rest stays in force.`,
  ],
  [
    "an unknown word",
    '{"runtime_fallback":{"restore_primary":"soon"}}',
    `${global}:1:40: runtime_fallback.restore_primary: found "soon". Allowed: "after_cooldown", "next_message", "never". "after_cooldown" is used instead.`,
  ],
  [
    "one model of a list without provider",
    '{"fallback_models":["a/b","gpt-5"]}',
    `${global}:1:27: fallback_models[1]: found "gpt-5". Allowed: A model as "provider/model", such as "openai/gpt-5.2", or "provider/*": the model in use, at that provider. This entry is left out, the others stay.`,
  ],
  [
    "several models in one string",
    '{"fallback_models":"a/b, c/d"}',
    `${global}:1:20: fallback_models: found "a/b, c/d". Allowed: A model as "provider/model", such as "openai/gpt-5.2", or "provider/*": the model in use, at that provider. For several, write a list: ["…", "…"]. It is left out.`,
  ],
  [
    "a list with no good entry",
    '{"runtime_fallback":{"retry_on_errors":[200]}}',
    `${global}:1:41: runtime_fallback.retry_on_errors[0]: found 200. Allowed: HTTP statuses, 400 to 599, that count as a reason to fall back unless the request itself is at fault. No entry of the list is left. 429, 503, 529 are used instead.`,
  ],
  [
    "an address that is none, mostly for its password's sake",
    '{"runtime_fallback":{"store":"redis://u:hunter2#x@host:6379"}}',
    `${global}:1:30: runtime_fallback.store: found "redis://***@host:6379". Allowed: redis://user:password@host:port/number of one server. In its password write # as %23, / as %2F, ? as %3F, @ as %40 and % as %25. "sqlite" is used instead.`,
  ],
  [
    "a place that is none",
    '{"runtime_fallback":{"store":"redis:// host"}}',
    `${global}:1:30: runtime_fallback.store: found "redis:// host". Allowed: Where the models' health is kept: "sqlite" (shared by all OpenCode processes on this machine), "memory" (this process only), or a redis:// or rediss:// URL (shared by several machines). "sqlite" is used instead.`,
  ],
  [
    "a program that is none, so that its argument would be the program",
    '{"on_switch":["","rm"]}',
    `${global}:1:15: on_switch[0]: found an empty text. Allowed: A program of your own and its arguments, run without a shell for each switch, return, change of key and exhausted list, with one JSON document on its standard input. It is left out.`,
  ],
  [
    "an argument that is none, so that the program would be run without it",
    '{"on_switch":["run","--days",7,"x"]}',
    `${global}:1:30: on_switch[2]: found 7. Allowed: a string. A program of your own and its arguments, run without a shell for each switch, return, change of key and exhausted list, with one JSON document on its standard input. It is left out.`,
  ],
  [
    "a list of allowed models with no good entry",
    '{"allow_models":["gpt-5"]}',
    `${global}:1:18: allow_models[0]: found "gpt-5". Allowed: Only these models may be fallbacks: "provider/model", a final \`*\` matches any ending. It allows no model until it is right.`,
  ],
  [
    "allowed models that are no list",
    '{"providers":{"a":{"allow_models":"b"}}}',
    `${global}:1:35: providers.a.allow_models: found "b". Allowed: a list. Only these models of the provider may be fallbacks; ids without the provider, a final \`*\` matches any ending. It allows no model until it is right.`,
  ],
  [
    "one of the allowed models that is none",
    '{"allow_models":["a/b","gpt-5"]}',
    `${global}:1:24: allow_models[1]: found "gpt-5". Allowed: Only these models may be fallbacks: "provider/model", a final \`*\` matches any ending. This entry is left out, the others stay.`,
  ],
  [
    "a key of models without provider",
    '{"models":{"gpt-5":{}}}',
    `${global}:1:12: models.gpt-5: found an unknown key. Allowed: a key as "provider/model", such as "openai/gpt-5.2". It is ignored, the rest stays in force.`,
  ],
  [
    "a name that is blank",
    '{"agents":{" ":{}}}',
    `${global}:1:12: agents[" "]: found an unknown key. Allowed: a name that is not blank, without control characters. It is ignored, the rest stays in force.`,
  ],
  [
    "an entry without its model",
    '{"fallback_models":["a/b",{"variant":"high"}]}',
    `${global}:1:27: fallback_models[1].model: found nothing. Allowed: a string. A model as "provider/model", such as "openai/gpt-5.2", or "provider/*": the model in use, at that provider. This entry is left out, the others stay.`,
  ],
  [
    "one bad parameter of an entry",
    '{"fallback_models":[{"model":"a/b","top_p":7}]}',
    `${global}:1:44: fallback_models[0].top_p: found 7. Allowed: Nucleus sampling, 0 to 1. It is left out, the rest of the entry stays.`,
  ],
  [
    "a pattern that the engine has no way for",
    '{"runtime_fallback":{"retry_on_patterns":["ok","(?=a)b"]}}',
    `${global}:1:48: runtime_fallback.retry_on_patterns[1]: found "(?=a)b". Not a regular expression that RE2 accepts: invalid or unsupported Perl syntax: \`(?=\`. This pattern is left out.`,
  ],
  [
    "a list that is too long",
    JSON.stringify({ fallback_models: Array.from({ length: 101 }, (_, index) => `a/${index}`) }),
    `${global}:1:20: fallback_models: found a list of 101. Allowed: at most 100 entries. Models to fall back to when neither agent, category nor model has a list, in order. It is left out.`,
  ],
  [
    "a password that must not be shown",
    '{"runtime_fallback":{"store":"redis://u:hunter2@h 1"}}',
    `${global}:1:30: runtime_fallback.store: found "redis://***@h 1". Allowed: Where the models' health is kept: "sqlite" (shared by all OpenCode processes on this machine), "memory" (this process only), or a redis:// or rediss:// URL (shared by several machines). "sqlite" is used instead.`,
  ],
  [
    "no JSON",
    '{\n  "fallback_models": ["a/b"\n  "x": 1\n}',
    `${global}:3:3: found "x" (a comma is missing). Allowed: JSON, with comments and trailing commas. The whole file is ignored.`,
  ],
  [
    "a list that does not end",
    '{"fallback_models": ["a/b" }',
    `${global}:1:28: found "}" (a \`]\` is missing). Allowed: JSON, with comments and trailing commas. The whole file is ignored.`,
  ],
  [
    "half of it",
    '{\n  "fallback_models": ["a/b"]\n',
    `${global}:3:1: found the end of the file (a \`}\` is missing). Allowed: JSON, with comments and trailing commas. The whole file is ignored.`,
  ],
  [
    "a key that appears twice",
    '{"fallback_models":["a/b"],\n"fallback_models":["c/d"]}',
    `${global}:2:1: fallback_models: found a key that appears twice. Allowed: each key once. The last one counts.`,
  ],
  [
    "no object",
    '["a/b"]',
    `${global}:1:1: found a list of 1. Allowed: an object, { … }. All of it is ignored.`,
  ],
  [
    "a file that is too long",
    " ".repeat(settingsFileLimit + 1),
    `${global}:1:1: found 65537 characters, more than 65536. Allowed: JSON, with comments and trailing commas. The whole file is ignored.`,
  ],
]

describe("problems", () => {
  test.each(badFiles.map(([title, text, problem]) => ({ title, text, problem })))(
    "$title is named with file, line and key",
    async ({ text, problem }) => {
      const { problems } = await load({ [global]: text })
      expect(problems.map(formatProblem).slice(0, 1)).toEqual([problem])
    },
  )

  test("what is valid beside a fault stays in force, at every depth", async () => {
    const { settings, problems } = await load({
      [global]: `{
        "unknown": 1,
        "runtime_fallback": { "cooldown_seconds": -1, "patience_seconds": 5, "retry_on_errors": [429, 9, 500] },
        "fallback_models": ["a/b", 5, { "model": "c/d", "temperature": "hot", "variant": "high" }],
        "agents": { "build": { "fallback_models": ["e/f"], "category": [] }, "plan": 7 },
        "models": { "gpt": {}, "g/h": { "fallback_models": ["i/j"] } }
      }`,
    })
    expect(settings).toEqual({
      ...defaultSettings(),
      runtime_fallback: {
        ...defaultSettings().runtime_fallback,
        patience_seconds: 5,
        retry_on_errors: [429, 500],
      },
      fallback_models: [{ model: "a/b" }, { model: "c/d", variant: "high" }],
      agents: { build: { fallback_models: [{ model: "e/f" }] } },
      models: { "g/h": { fallback_models: [{ model: "i/j" }] } },
    })
    expect(problems.map(({ path }) => path)).toEqual([
      "unknown",
      "runtime_fallback.cooldown_seconds",
      "runtime_fallback.retry_on_errors[1]",
      "fallback_models[1]",
      "fallback_models[2].temperature",
      "agents.build.category",
      "agents.plan",
      "models.gpt",
    ])
  })

  test("a wrong value of a higher source leaves the lower source's in force, and says so", async () => {
    const { settings, problems } = await load(
      { [global]: '{ "runtime_fallback": { "cooldown_seconds": 120 } }' },
      { pluginOptions: { runtime_fallback: { cooldown_seconds: null } } },
    )
    expect(settings.runtime_fallback.cooldown_seconds).toBe(120)
    expect(problems.map(formatProblem)).toEqual([
      "The plugin's options: runtime_fallback.cooldown_seconds: found null. Allowed: a number. Seconds, 0 to 604800, that a model is left alone after a failure when the provider gives no time. 120 is used instead.",
    ])
  })

  test("a broken file leaves the other sources in force", async () => {
    const { settings, files } = await load({ [global]: '{ "fallback_models": ["a/b"] }', [project]: "{" })
    expect(settings.fallback_models).toEqual([{ model: "a/b" }])
    expect(files).toEqual([global, project])
  })

  test("a file that cannot be read is named, and the rest is loaded", async () => {
    const readFile = async (path: string) => {
      if (path === global) throw new Error("EACCES: permission denied")
      return path === project ? '{ "fallback_models": "a/b" }' : undefined
    }
    const { settings, problems } = await load({}, { readFile })
    expect(settings.fallback_models).toEqual([{ model: "a/b" }])
    expect(problems.map(({ found }) => found)).toEqual([
      "a file that cannot be read (EACCES: permission denied)",
    ])
  })

  test("a prototype sets nothing", async () => {
    const { settings } = await load({ [global]: '{ "__proto__": { "fallback_models": ["a/b"] } }' })
    expect(settings).toEqual(defaultSettings())
  })

  test("brackets without end do not exhaust the stack", async () => {
    const { settings, problems } = await load({ [global]: "[".repeat(settingsFileLimit) })
    expect(settings).toEqual(defaultSettings())
    expect(problems).toMatchObject([{ code: "unreadable-file" }])
  })

  test("a circle of links is found across files and located in the highest that closes it", async () => {
    const { problems } = await load({
      [global]: '{ "models": { "a/a": { "fallback_models": ["b/b"] } } }',
      [project]: '{\n"models": { "b/b": { "fallback_models": ["a/a"] } } }',
    })
    expect(problems.map(formatProblem)).toEqual([
      `${global}:1:43: models["a/a"].fallback_models: found a cycle: a/a -> b/b -> a/a. Allowed: models that are not in the list yet. The list ends where it would repeat.`,
    ])
  })
})

test("an error of our own leaves the defaults in force, and is said", async () => {
  const pluginOptions = new Proxy({}, { ownKeys: () => expect.unreachable() })
  const { settings, problems, find } = await load({}, { pluginOptions })
  expect([settings, problems.length]).toEqual([defaultSettings(), 1])
  expect(await find({ from: "plugin options" }, [])).toEqual({ from: "plugin options" })
})

test("a list of allowed models that nobody can read does not allow all", async () => {
  const written = {
    allow_models: ["gpt-5"],
    providers: { a: { allow_models: "b" }, c: { allow_models: ["d", 1] } },
  }
  const { settings } = await load({ [global]: JSON.stringify(written) })
  expect(settings.allow_models).toEqual([])
  expect(settings.providers["a"]?.allow_models).toEqual([])
  expect(settings.providers["c"]?.allow_models).toEqual(["d"])
})

describe("a project's own file", () => {
  const user = {
    runtime_fallback: { cooldown_seconds: 30, store: "memory", notify_on_fallback: true },
    fallback_models: ["alpha/m1"],
    allow_models: ["alpha*", "beta/m*"],
    ignore_models: ["alpha/old"],
    providers: { gamma: { allow_fallback: false }, alpha: { allow_models: ["m*"], ignore_models: ["m9"] } },
  }
  const withProject = async (settings: unknown, file = project) => {
    const loaded = await load({ [global]: JSON.stringify(user), [file]: JSON.stringify(settings) })
    const alone = await load({ [global]: JSON.stringify(user) })
    return { ...loaded, alone: alone.settings }
  }

  test("chooses among the user's models", async () => {
    const choice = {
      $schema: "x",
      fallback_models: ["alpha/m2"],
      agents: { build: { fallback_models: ["alpha/m3"], category: "deep" } },
      categories: { deep: { description: "d", model: "alpha/m4", variant: "high", prompt_append: "Think." } },
      models: { "alpha/m1": { fallback_models: ["beta/m1"] } },
    }
    const { settings, problems, alone } = await withProject(choice)
    expect(problems).toEqual([])
    expect(settings).toEqual({
      ...alone,
      $schema: "x",
      fallback_models: [{ model: "alpha/m2" }],
      agents: { build: { fallback_models: [{ model: "alpha/m3" }], category: "deep" } },
      categories: { deep: { ...choice.categories.deep, model: "alpha/m4" } },
      models: { "alpha/m1": { fallback_models: [{ model: "beta/m1" }] } },
    })
  })

  test("sets nothing else, and says where it belongs", async () => {
    const { settings, problems, alone } = await withProject({
      runtime_fallback: {
        enabled: false,
        store: "redis://evil.example",
        cooldown_seconds: 604_800,
        first_token_timeout_seconds: 0.001,
        notify_on_fallback: false,
        retry_on_patterns: ["."],
      },
      providers: { gamma: { allow_fallback: true } },
    })
    expect(settings).toEqual(alone)
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ["not-for-projects", "runtime_fallback"],
      ["not-for-projects", "providers.gamma.allow_fallback"],
    ])
    expect(problems.map(formatProblem)[0]).toBe(
      `${project}:1:2: runtime_fallback: found an object. A project's own file may choose models and forbid some. Put this into ${global} or the plugin's options. It is ignored, the rest stays in force.`,
    )
  })

  test("every setting of the schema is decided on: what is new is the user's until somebody says otherwise", () => {
    const everything = {
      ...Object.fromEntries(keysAt([]).map((key) => [key, "x"])),
      ...Object.fromEntries(
        ["agents", "categories", "models", "providers"].map((group) => [
          group,
          { n: Object.fromEntries(keysAt([group, "n"]).map((key) => [key, "x"])) },
        ]),
      ),
    }
    const { choices, prohibitions } = projectSettings(everything, "f")
    expect(Object.keys(choices)).toEqual([
      "$schema",
      "fallback_models",
      "agents",
      "categories",
      "models",
      "providers",
    ])
    expect(choices).toMatchObject({
      agents: { n: { fallback_models: "x", category: "x" } },
      models: { n: { fallback_models: "x" } },
      providers: { n: {} },
    })
    expect(prohibitions).toEqual({
      agents: { n: {} },
      categories: { n: {} },
      models: { n: {} },
      providers: { n: { allow_models: "x", ignore_models: "x" } },
      allow_models: "x",
      ignore_models: "x",
    })
  })

  test.each([
    ["allow_models: everything", { allow_models: ["*"] }, {}],
    ["an empty ignore_models", { ignore_models: [] }, {}],
    ["a provider's allow_models: everything", { providers: { alpha: { allow_models: ["*"] } } }, {}],
  ])("cannot lift a prohibition: %s", async (_title, settings, changes) => {
    const loaded = await withProject(settings)
    expect(loaded.settings).toEqual({ ...loaded.alone, ...changes })
  })

  test("adds to the prohibitions", async () => {
    const { settings, problems } = await withProject({
      allow_models: ["ALPHA/m1*", "beta*", "delta*"],
      ignore_models: ["beta/m2"],
      providers: { alpha: { allow_fallback: false, allow_models: ["m1"] }, new: { ignore_models: ["*"] } },
    })
    expect(problems).toEqual([])
    expect(settings.allow_models).toEqual(["ALPHA/m1*", "beta/m*"])
    expect(settings.ignore_models).toEqual(["alpha/old", "beta/m2"])
    expect(settings.providers).toEqual({
      gamma: { allow_fallback: false, ignore_models: [] },
      alpha: { allow_fallback: false, allow_models: ["m1"], ignore_models: ["m9"] },
      new: { allow_fallback: true, ignore_models: ["*"] },
    })
  })

  test("forbids what the plugin's options would allow", async () => {
    const { settings } = await load(
      { [project]: '{ "ignore_models": ["a/*"] }' },
      { pluginOptions: { ignore_models: ["b/*"] } },
    )
    expect(settings.ignore_models).toEqual(["b/*", "a/*"])
  })

  test.each([
    ["unknown keys", Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 1]))],
    ["unknown words near to real ones", Object.fromEntries(many((index) => [`fallback_model${index}`, 1]))],
    ["wrong agents", { agents: Object.fromEntries(many((index) => [`a${index}`, { no: 1 }])) }],
    ["wrong statuses", { runtime_fallback: { retry_on_errors: many(() => 1) } }],
    [
      "refused keys",
      { providers: Object.fromEntries(many((index) => [`p${index}`, { allow_fallback: true }])) },
    ],
    [
      "circles",
      { models: Object.fromEntries(many((index) => [`p/${index}`, { fallback_models: [`p/${index}`] }])) },
    ],
  ])("thousands of mistakes cost a handful of lines: %s", async (_title, settings) => {
    const { problems } = await load({ [project]: JSON.stringify(settings) })
    expect(problems.length).toBeLessThanOrEqual(11)
    expect(problems.at(-1)?.found).toBe("further mistakes")
  })

  test("a circle of a thousand models is a line of bounded length", async () => {
    const circle = many((index) => [`p/${index}`, { fallback_models: [`p/${(index + 1) % 1_200}`] }])
    const { problems } = await load({ [project]: JSON.stringify({ models: Object.fromEntries(circle) }) })
    expect(problems.map((problem) => formatProblem(problem).length)).toEqual([1_000])
    const short = problems.map((problem) => ({ ...problem, found: "", effect: "" }))
    const [left = 0] = short.map((problem) => 1_000 - formatProblem(problem).length)
    for (const problem of short)
      expect(formatProblem({ ...problem, effect: "x".repeat(left) })).toEndWith("x")
  })

  test("lists that forbid nothing, thousands of times over in several files, do not multiply", async () => {
    const allow_models = Array.from({ length: 16_000 }, () => "*")
    const { settings } = await load({
      [project]: JSON.stringify({ allow_models }),
      ["/p/.opencode/understudy.json"]: JSON.stringify({ allow_models }),
    })
    expect(settings.allow_models).toEqual(["*"])
  })

  test("a list of allowed models that nobody can read allows none there either, and says so", async () => {
    const { settings, problems } = await load({
      [project]: '{"allow_models":"a/*","providers":{"a":{"allow_models":[1]}}}',
    })
    expect(settings.allow_models).toEqual([])
    expect(settings.providers["a"]?.allow_models).toEqual([])
    expect(problems.map(({ effect }) => effect)).toEqual(
      Array(2).fill("It allows no model until it is right."),
    )
  })

  test("speaks to no terminal: no name holds a control character", async () => {
    const odd = "a\u001b]0;x\u0007"
    const { settings, problems } = await withProject({
      fallback_models: [`alpha/${odd}`, { model: "alpha/m2", variant: odd }],
      ignore_models: [`alpha/${odd}`],
      agents: { [odd]: { fallback_models: [] }, build: { category: odd } },
      categories: { [odd]: { description: "d" }, deep: { variant: odd } },
      models: { [`alpha/${odd}`]: { fallback_models: [] } },
      providers: { [odd]: { ignore_models: [odd] }, alpha: { ignore_models: [odd] } },
    })
    expect(settings.fallback_models).toEqual([{ model: "alpha/m2" }])
    expect(JSON.stringify(settings)).not.toContain(String.raw`\u001b`)
    for (const problem of problems) expect(formatProblem(problem)).not.toContain("\u001b")
  })
})

function many<T>(make: (index: number) => T): readonly T[] {
  return Array.from({ length: 1_200 }, (_, index) => make(index))
}

describe("agents in OpenCode's own configuration", () => {
  const bad = agents({ build: { fallback_models: ["a/b", "gpt-5"] } })

  test.each([
    [
      "opencode.json",
      "/p/opencode.json",
      '{ "agent": {\n "build": { "fallback_models": ["a/b", "gpt-5"] } } }',
      ":2:40",
    ],
    [
      "its options",
      "/c/opencode.jsonc",
      '{ "agent": { "build": { "options": { "fallback_models": ["a/b", "gpt-5"] } } } }',
      ":1:65",
    ],
    [
      "mode",
      "/p/.opencode/opencode.json",
      '{ "mode": { "build": { "fallback_models": ["a/b", "gpt-5"] } } }',
      ":1:51",
    ],
    [
      "Markdown front matter",
      "/p/.opencode/agents/build.md",
      "---\ndescription: x\nfallback_models:\n  - a/b\n  - gpt-5\n---\nfallback_models:\n",
      ":3:1",
    ],
  ])("a problem is located in %s", async (_title, file, text, place) => {
    const { settings, problems } = await load({ [file]: text }, bad)
    expect(settings.agents).toEqual({ build: { fallback_models: [{ model: "a/b" }] } })
    expect(problems.map(formatProblem)).toEqual([
      `${file}${place}: agent.build.fallback_models[1]: found "gpt-5". Allowed: A model as "provider/model", such as "openai/gpt-5.2", or "provider/*": the model in use, at that provider. This entry is left out, the others stay.`,
    ])
  })

  test("a problem is located in whichever counts of a file and Markdown", async () => {
    const json = '{ "agent": { "build": { "fallback_models": ["a/b", "gpt-5"] } } }'
    const markdown = "---\nfallback_models: [a/b, gpt-5]\n---\n"
    const placeIn = async (...files: readonly string[]): Promise<string | undefined> => {
      const texts = files.map((file) => [file, file.endsWith(".md") ? markdown : json])
      const { problems } = await load(Object.fromEntries(texts), bad)
      const [source] = problems.map((problem) => problem.source)
      return source?.from === "file" ? source.file : undefined
    }
    const [users, own, projects] = ["/c/agent/build.md", "/p/.opencode/agent/build.md", "/p/opencode.json"]
    expect(await placeIn(users, "/c/opencode.json")).toBe(users)
    expect(await placeIn(users, projects)).toBe(projects)
    expect(await placeIn(users, "/p/.opencode/opencode.json")).toBe("/p/.opencode/opencode.json")
    expect(await placeIn(own, "/p/.opencode/opencode.json", users)).toBe(own)
  })

  test("without a place to be found the agent is named", async () => {
    const { problems } = await load({}, bad)
    expect(problems.map(({ source }) => source)).toEqual([{ from: "agent", agent: "build" }])
  })

  test("a category that does not exist is located where the agent names it", async () => {
    const file = "/c/agent/build.md"
    const settings = agents({ build: { category: "deap" } })
    const { problems } = await load({ [file]: "---\ncategory: deap\n---\n" }, settings)
    expect(problems.map(({ source, found }) => [found, source])).toEqual([
      ['"deap"', { from: "file", file, line: 2, column: 1 }],
    ])
  })

  test("keys where OpenCode drops them without a word are named", async () => {
    const { problems } = await load({
      "/p/opencode.json":
        '{\n "runtime_fallback": {},\n "fallback_models": [],\n "command": { "fix": { "fallback_models": [] } },\n "provider": { "p": { "models": { "m": { "options": {\n"fallback_models": [] } } } } } }',
    })
    expect(problems.map(({ source, path }) => [path, source])).toEqual([
      ["runtime_fallback", { from: "file", file: "/p/opencode.json", line: 2, column: 2 }],
      ["fallback_models", { from: "file", file: "/p/opencode.json", line: 3, column: 2 }],
      ["command.fix.fallback_models", { from: "file", file: "/p/opencode.json", line: 4, column: 24 }],
      [
        "provider.p.models.m.options.fallback_models",
        { from: "file", file: "/p/opencode.json", line: 6, column: 1 },
      ],
    ])
  })
})

test("the entry of a list that is one model without a list stands where that model stands", async () => {
  const { origins } = await load({ [global]: '{\n  "fallback_models": "a/b"\n}' })
  const place = { from: "file", file: global, line: 2, column: 22 } as const
  expect(await origins([["fallback_models", 0]])).toEqual([place])
})

describe("the plugin's options", () => {
  const options = { runtime_fallback: { cooldown_seconds: "a minute" }, fallback_models: ["gpt-5", "a/b"] }
  const text = JSON.stringify(options)

  test.each([
    ["behind a name", "/p/opencode.json", `{ "plugin": [\n["opencode-understudy", ${text}]] }`],
    ["behind a path", "/c/opencode.jsonc", `{ "plugin": ["x", ["file:///u", ${text}]] }`],
    ["of version 2", "/p/opencode.json", `{ "plugins": [{ "package": "u", "options": ${text} }] }`],
    ["in the file that the environment names", "/named.json", `{ "plugin": [["u", ${text}]] }`],
    [
      "with a variable that OpenCode has filled in, behind another plugin's",
      "/p/opencode.json",
      `{ "plugin": [["x", { "a": 1 }], ["u", ${text.replace("a minute", "{env:MINUTE}")}]] }`,
    ],
  ])("a problem %s is located", async (_title, file, content) => {
    const at = (snippet: RegExp) => {
      const before = content.slice(0, content.search(snippet)).split("\n")
      return { from: "file", file, line: before.length, column: (before.at(-1) ?? "").length + 1 } as const
    }
    const more = { pluginOptions: options, places: placesIn(["/c"], ["/p"], ["/named.json"]) }
    const { problems, settings, origins } = await load({ [file]: content }, more)
    expect(problems.map(({ path, source }) => [path, source])).toEqual([
      ["runtime_fallback.cooldown_seconds", at(/"a minute"|"\{env/)],
      ["fallback_models[0]", at(/"gpt-5"/)],
    ])
    expect(settings.fallback_models).toEqual([{ model: "a/b" }])
    const list = at(/\["gpt-5"/)
    // The entry before it is left out: which one it is in the file is not known any more.
    expect(await origins([["fallback_models"], ["fallback_models", 0]])).toEqual([list, list])
  })

  test("that stand in no file are named as such", async () => {
    const { problems } = await load({ "/p/opencode.json": '{ "plugin": "u" }' }, { pluginOptions: options })
    const source = { from: "plugin options" } as const
    expect(problems.map((problem) => problem.source)).toEqual([source, source])
  })
})

describe("summarizeProblems", () => {
  test("says nothing where there is nothing", () => {
    expect(summarizeProblems([])).toBe("")
  })

  test("names the first with its short file name, and counts the others", async () => {
    const { problems } = await load({ [global]: '{ "a": 1, "b": 2, "c": 3 }' })
    expect(summarizeProblems(problems)).toStartWith("understudy.jsonc:1:3: a: found an unknown key.")
    expect(summarizeProblems(problems)).toEndWith("And 2 more; see the log.")
    expect(summarizeProblems(problems).length).toBeLessThan(340)
    expect(summarizeProblems(problems.slice(2))).not.toContain("more;")
  })
})

describe("whatever the files hold", () => {
  const key = fc.constantFrom(
    "runtime_fallback",
    "fallback_models",
    "agents",
    "categories",
    "models",
    "providers",
    "build",
    "a/b",
    "model",
    "variant",
    "store",
    "retry_on_errors",
    "same_model_retries",
    "network",
    "retry_on_patterns",
    "category",
    "allow_models",
    "cooldown_seconds",
    "__proto__",
    "constructor",
    "",
  )
  const leaf = fc.oneof(
    fc.constantFrom<unknown>("a/b", "gpt", "(a+)+", "sqlite", 429, -1, 1e99, true, null, ""),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const { node } = fc.letrec<{ readonly node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("node"), { maxLength: 4 }),
      fc
        .uniqueArray(fc.tuple(key, tie("node")), { maxLength: 6, selector: ([name]) => name })
        .map((entries): unknown => Object.fromEntries(entries)),
    ),
  }))
  const text = fc.oneof(
    node.map((value) => JSON.stringify(value)),
    fc.string(),
    fc.string({ unit: "binary" }),
  )

  test("loading never rejects, the settings are valid, and every problem can be told", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, node, node, async (low, high, pluginOptions, agent) => {
        const { settings, problems } = await load(
          { [global]: low, [project]: high, "/p/opencode.json": low },
          { pluginOptions, ...agents({ build: { fallback_models: agent, category: agent } }) },
        )
        expect(settingsSchema.safeParse(settings).success).toBe(true)
        expect(problems.filter(({ found }) => found.includes("failure of Understudy"))).toEqual([])
        expect(
          problems.map(formatProblem).filter((line) => line.includes("\n") || line.includes("undefined")),
        ).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
