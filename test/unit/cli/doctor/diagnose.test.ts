import { describe, expect, test } from "bun:test"
import picocolors from "picocolors"
import { diagnose } from "../../../../src/cli/doctor/diagnose.ts"
import { drawDoctor } from "../../../../src/cli/doctor/draw-doctor.ts"
import { placed } from "../../../../src/cli/doctor/finding.ts"
import { isSupported } from "../../../../src/cli/doctor/findings/installation.ts"
import { knownPlugins } from "../../../../src/cli/installation/known-plugins.ts"
import { findOtherPlugins } from "../../../../src/cli/installation/other-plugins.ts"
import { packageFacts } from "../../../../src/cli/opencode/package-facts.ts"
import { heldUntil } from "../../../../src/core/circuit.ts"
import { catalogOf } from "../../catalog-of.ts"
import { placesIn } from "../../config/places-in.ts"
import { factsOf, now } from "./doctor-world.ts"

type World = Parameters<typeof factsOf>[0]
type Releases = NonNullable<World["releases"]>

const { name, version: newestVersion } = packageFacts
const silent = { ok: false, why: "no" } as const
const current: Releases = {
  spec: `${name}@${newestVersion}`,
  listedAt: [],
  installed: newestVersion,
  loaded: newestVersion,
  newest: { ok: true, value: newestVersion },
}

async function findings(world: World): Promise<readonly string[]> {
  const facts = await factsOf(world)
  return (await placed(diagnose(facts).findings, facts.own)).map(
    ({ severity, code, where }) => `${severity} ${code} ${where}`,
  )
}

/** They share the global list, and what is wrong with it is said once. */
const everyAgent = "plugin options, agent build, agent plan, agent general, agent explore"

function othersAmong(name: string, options: unknown, spec = name) {
  const own = { plugins: [{ name, spec, options }], places: placesIn([], []) }
  return findOtherPlugins(own, { home: "/nowhere", directory: "/nowhere" })
}

describe("diagnose", () => {
  test("has nothing to say of a machine on which all is well", async () => {
    expect(await findings({})).toEqual([])
  })

  test.each([
    ["an unsupported OpenCode", { version: "1.3.0" }, "error opencode-unsupported /bin/opencode"],
    ["a plugin that is not listed", { plugins: [] }, "error plugin-not-listed opencode.json, plugin"],
    [
      "a plugin in a list that another file replaces",
      { plugins: [], listedAt: ["/c/opencode.json"] },
      "error plugin-not-listed /c/opencode.json, plugin",
    ],
    [
      "front matter that is no YAML",
      { unreadFrontMatter: ["/c/agent/a.md:3, fallback_models"] },
      "error unread-front-matter /c/agent/a.md:3, fallback_models",
    ],
    [
      "a plugin that is listed twice",
      {
        plugins: ["opencode-understudy", "file:///x"].map((spec) => ({
          spec,
          name: "opencode-understudy",
          options: { fallback_models: ["beta/two"] },
        })),
      },
      "warning plugin-listed-twice opencode.json, plugin",
    ],
    [
      "settings beside the folder in which they are looked for",
      { strayFiles: [{ path: "/p/understudy.jsonc", expected: "/p/.opencode/understudy.jsonc" }] },
      "error unread-file /p/understudy.jsonc",
    ],
    [
      "a file that OPENCODE_CONFIG names and that is not there",
      { missingConfig: "/c/typo.json" },
      "error unread-file OPENCODE_CONFIG",
    ],
    [
      "a provider of a list that has no key",
      { keyless: ["beta", "gamma"] },
      "warning provider-without-key opencode config, provider.beta",
    ],
    ["no chain at all", { settings: {} }, "error no-chain-at-all fallback_models"],
    [
      "no chain, and further keys, which are of use without one",
      { settings: { providers: { alpha: { keys: ["{env:K}"] } } } },
      "warning no-chain-at-all fallback_models",
    ],
    [
      "fallback switched off",
      { settings: { fallback_models: ["beta/two"], runtime_fallback: { enabled: false } } },
      "warning switched-off plugin options, runtime_fallback.enabled",
    ],
    [
      "no attempts",
      { settings: { fallback_models: ["beta/two"], runtime_fallback: { max_fallback_attempts: 0 } } },
      "warning switched-off plugin options, runtime_fallback.max_fallback_attempts",
    ],
    [
      "a value that is not allowed",
      { settings: { fallback_models: ["beta/two"], runtime_fallback: { cooldown_seconds: -1 } } },
      "error invalid-setting plugin options, runtime_fallback.cooldown_seconds",
    ],
    [
      "a key that does nothing",
      { settings: { fallback_models: ["beta/two"], fallback_model: "x" } },
      "error key-does-nothing plugin options, fallback_model",
    ],
    [
      "a circle of links",
      {
        settings: {
          fallback_models: ["beta/two"],
          models: {
            "beta/two": { fallback_models: ["gamma/three"] },
            "gamma/three": { fallback_models: ["beta/two"] },
          },
        },
      },
      'warning cycle plugin options, models["beta/two"].fallback_models',
    ],
    [
      "a model twice in a list, in whatever case",
      { settings: { fallback_models: ["beta/two", "gamma/three", "Beta/Two"] } },
      "warning duplicate plugin options, fallback_models",
    ],
    [
      "a file of OpenCode's that cannot be read",
      { broken: [{ where: "/c/opencode.json:2:1", why: "a `]` is missing, before the end" }] },
      "error unreadable-file /c/opencode.json:2:1",
    ],
    [
      "a typo in a model",
      { settings: { fallback_models: ["beta/tow"] } },
      "error unknown-model plugin options, fallback_models[0]",
    ],
    [
      "a typo in a variant",
      {
        settings: { fallback_models: [{ model: "beta/two", variant: "hgih" }] },
        catalog: catalogOf({ "alpha/one": {}, "beta/two": { variants: ["low", "high"] } }),
      },
      "warning unknown-variant plugin options, fallback_models[0]",
    ],
    [
      "a category's variant that its model has not",
      {
        settings: {
          fallback_models: ["alpha/one"],
          categories: { deep: { model: "beta/two", variant: "max" } },
        },
        catalog: catalogOf({ "alpha/one": {}, "beta/two": { variants: [] } }),
      },
      "warning unknown-variant plugin options, categories.deep.model",
    ],
    [
      "a typo in an agent's model",
      { config: { agent: { build: { model: "alpha/on" } } } },
      "error unknown-model agent build, agents.build.model",
    ],
    [
      "a typo in a category's model",
      { settings: { fallback_models: ["beta/two"], categories: { deep: { model: "gama/three" } } } },
      "error provider-not-connected plugin options, categories.deep.model",
    ],
    [
      "a typo in a link",
      {
        settings: {
          fallback_models: ["beta/two"],
          models: { "alpha/won": { fallback_models: ["beta/two"] } },
        },
      },
      'error unknown-model plugin options, models["alpha/won"]',
    ],
    [
      "a provider that is not connected",
      { settings: { fallback_models: ["beta/two", "mistral/large"] } },
      "warning provider-not-connected plugin options, fallback_models[1]",
    ],
    [
      "an agent nobody has",
      { settings: { fallback_models: ["beta/two"], agents: { biuld: { category: "x" } } } },
      "error unknown-agent plugin options, agents.biuld",
    ],
    [
      "a provider rule for nobody",
      { settings: { fallback_models: ["beta/two"], providers: { bta: { allow_fallback: true } } } },
      "warning unknown-provider plugin options, providers.bta",
    ],
    [
      "a key that stands in the settings itself",
      {
        settings: {
          fallback_models: ["beta/two"],
          providers: { alpha: { keys: ["{env:A}", "sk-planted"] } },
        },
        plainKeys: [["providers", "alpha", "keys", 1]],
      },
      "warning plaintext-key plugin options, providers.alpha.keys[1]",
    ],
    [
      "a key that is not there",
      {
        settings: { fallback_models: ["beta/two"], providers: { alpha: { keys: ["{env:A}"] } } },
        missingKeys: [{ provider: "alpha", number: 2, path: ["providers", "alpha", "keys", 0], what: "" }],
      },
      "error key-missing plugin options, providers.alpha.keys[0]",
    ],
    [
      "keys of a provider that is used through a login",
      {
        settings: { fallback_models: ["beta/two"], providers: { alpha: { keys: ["{env:A}"] } } },
        logins: ["alpha"],
      },
      "warning keys-without-effect plugin options, providers.alpha.keys",
    ],
    [
      "a chain of which nothing can be used",
      { settings: { fallback_models: ["mistral/large"] } },
      `error useless-chain ${everyAgent}`,
    ],
    [
      "a model that the rules forbid",
      { settings: { fallback_models: ["beta/two", "gamma/three"], ignore_models: ["beta/*"] } },
      `warning not-allowed ${everyAgent}`,
    ],
    [
      "a chain within one provider",
      {
        catalog: catalogOf({ "alpha/one": {}, "alpha/two": {} }),
        settings: { fallback_models: ["alpha/two"] },
      },
      `info one-provider ${everyAgent}`,
    ],
    [
      "a chain that cannot see",
      { catalog: catalogOf({ "alpha/one": {}, "beta/two": { images: false } }) },
      `info weaker-fallbacks ${everyAgent}`,
    ],
    [
      "a chain with smaller windows",
      {
        catalog: catalogOf({
          "alpha/one": { contextTokens: 200_000 },
          "beta/two": { contextTokens: 32_000 },
        }),
      },
      `info weaker-fallbacks ${everyAgent}`,
    ],
    [
      "agents without a chain beside others",
      { settings: { agents: { build: { fallback_models: ["beta/two"] } } } },
      "info no-chain fallback_models",
    ],
    [
      "models that OpenCode did not name",
      { catalog: { known: false } },
      "warning opencode-silent /bin/opencode",
    ],
  ] satisfies readonly (readonly [string, World, string])[])("finds %s", async (_title, world, expected) => {
    expect(await findings(world)).toContain(expected)
  })

  test("further keys of a provider that is used with a key are no finding", async () => {
    const settings = { fallback_models: ["beta/two"], providers: { alpha: { keys: ["{env:A}"] } } }
    expect((await findings({ settings })).join()).not.toContain("keys-without-effect")
  })

  test("windows that differ by less than a tenth are no finding", async () => {
    const windows = (smaller: number): World => ({
      catalog: catalogOf({
        "alpha/one": { contextTokens: 1_048_576 },
        "beta/two": { contextTokens: smaller },
      }),
    })
    const isWeaker = async (smaller: number) =>
      (await findings(windows(smaller))).some((line) => line.includes("weaker-fallbacks"))
    expect([await isWeaker(1_000_000), await isWeaker(900_000)]).toEqual([false, true])
  })

  test("what one cause keeps OpenCode from saying is one finding, another cause another one", async () => {
    const facts = await factsOf({})
    const silent = { ok: false, why: "it ended with code 3" } as const
    const said = (config: { readonly ok: false; readonly why: string }): readonly string[] =>
      diagnose({
        ...facts,
        answers: { version: silent, isVersion2: false, config, models: silent },
      }).findings.map(({ what, advice }) => `${what} ${advice}`)
    const advice = "Run `opencode --version` in this folder and see what it says."
    expect(said(silent)).toEqual([
      `OpenCode could not be asked for its version, its configuration, the connected models: it ended with code 3. ${advice}`,
    ])
    expect(said({ ok: false, why: "no answer within 120 s" })).toEqual([
      `OpenCode could not be asked for its version, the connected models: it ended with code 3. ${advice}`,
      "OpenCode could not be asked for its configuration: no answer within 120 s. Run `opencode --pure debug config` in this folder and see what it says.",
    ])
  })

  test("a file that cannot be read is the only thing that is said of what stands in it", async () => {
    const broken = [{ where: "/c/opencode.json:2:1", why: "a `]` is missing, before the end" }]
    expect(await findings({ broken, plugins: [], settings: {}, catalog: { known: false } })).toEqual([
      "error unreadable-file /c/opencode.json:2:1",
    ])
  })

  test("agents as oh-my-opencode shows them are known by the names in its settings, and stand once", async () => {
    const { findings: found, views } = diagnose(
      await factsOf({
        config: { model: "alpha/one", agent: { "Sisyphus - ultraworker": {} } },
        settings: {
          agents: { sisyphus: { category: "deep" }, BUILD: { fallback_models: [] } },
          categories: { deep: { fallback_models: ["beta/two"] } },
        },
      }),
    )
    expect(found.filter(({ code }) => code === "unknown-agent")).toEqual([])
    expect(
      views.filter(({ kind }) => kind === "agent").map(({ name, category }) => [name, category]),
    ).toEqual([
      ["build", undefined],
      ["plan", undefined],
      ["general", undefined],
      ["explore", undefined],
      ["Sisyphus - ultraworker", "deep"],
    ])
  })

  test("a model twice in a list, and links in a circle, are each named once, however many agents have the list", async () => {
    const found = await findings({
      settings: {
        fallback_models: ["beta/two", { model: "beta/two", variant: "high" }],
        models: {
          "beta/two": { fallback_models: ["gamma/three"] },
          "gamma/three": { fallback_models: ["beta/two"] },
        },
      },
    })
    expect(found).toEqual([
      'warning cycle plugin options, models["beta/two"].fallback_models',
      "warning duplicate plugin options, fallback_models",
    ])
  })

  test("a name without its provider is no duplicate of itself", async () => {
    const found = await findings({ settings: { fallback_models: ["gpt-5.2", "beta/two"] } })
    expect(found.filter((line) => line.includes("duplicate"))).toEqual([])
  })

  test("every finding says what to do", async () => {
    const { findings } = diagnose(
      await factsOf({
        settings: { fallback_models: ["beta/tow", "x/y"], nonsense: 1 },
        plugins: [],
        version: "2.0.0",
      }),
    )
    expect(findings.length).toBeGreaterThan(3)
    for (const { advice, what } of findings) {
      expect(advice).toMatch(/^[A-Z"`].{8,}[.?]$/s)
      expect(what).toMatch(/\.$|\?$/)
    }
  })

  test("the worst stands first", async () => {
    const severities = (await findings({ settings: { fallback_models: ["beta/tow", "mistral/x"] } })).map(
      (line) => line.split(" ")[0],
    )
    expect(severities.indexOf("error")).toBe(0)
    expect(severities.lastIndexOf("error")).toBeLessThan(severities.indexOf("warning"))
  })

  test.each<[string, Partial<Releases>, readonly string[]]>([
    ["a newer release", { spec: `${name}@0.1.0`, loaded: "0.1.0" }, ["warning outdated"]],
    ["a release newer than this command", { newest: { ok: true, value: "99.0.0" } }, ["warning outdated"]],
    ["an old copy of a bare name", { spec: name, loaded: "0.1.0" }, ["warning outdated"]],
    ["a bare name", { spec: name }, ["info not-pinned"]],
    ["the newest release", {}, []],
    ["a registry that does not answer", { newest: silent }, []],
    [
      "an old copy, and a registry that is not asked",
      { loaded: "0.1.0", newest: undefined },
      ["warning outdated"],
    ],
    [
      "a registry that does not know this command's version yet",
      { newest: { ok: true, value: "0.1.0" } },
      [],
    ],
  ])("%s", async (_title, change, expected) => {
    const releases = { ...current, ...change }
    expect(await findings({ releases })).toEqual(
      expected.map((line) => `${line} opencode.json, plugin "${releases.spec}"`),
    )
  })

  test("another fallback plugin is an error while it acts", async () => {
    const known = knownPlugins.find((plugin) => plugin.id === "oh-my-opencode")
    if (!known) throw new Error("not known")
    const other = {
      entry: { spec: "oh-my-opencode", name: "oh-my-opencode", options: undefined },
      known,
      title: "oh-my-opencode",
      file: "/c/oh-my-opencode.json",
      listedAt: [],
    }
    expect(await findings({ otherPlugins: [{ ...other, acts: true }] })).toEqual([
      "error other-plugin /c/oh-my-opencode.json",
    ])
    expect(await findings({ otherPlugins: [{ ...other, acts: false }] })).toEqual([])
  })

  test.each<[string, World, readonly string[]]>([
    [
      "not left to do so",
      { rotatorsAt: ["/c/opencode.json:1:13"] },
      ['info accounts-not-rotated /c/opencode.json:1:13, plugin "opencode-antigravity-auth@1.6.0"'],
    ],
    ["left to do so", { settings: { providers: { google: { allow_fallback: false } } } }, []],
    ["on OpenCode 2", { version: "2.0.15" }, []],
  ])("a plugin that rotates accounts, %s", async (_, world, expected) => {
    const spec = "opencode-antigravity-auth@1.6.0"
    const plugins = [
      { name, spec: name, options: {} },
      { name: "opencode-antigravity-auth", spec, options: undefined },
    ]
    const found = await findings({ ...world, plugins })
    expect(found.filter((finding) => finding.includes(spec))).toEqual([...expected])
  })

  test("one that is known by its name alone may be switched off in a file that nobody reads", async () => {
    const otherPlugins = await othersAmong("@azumag/opencode-rate-limit-fallback", undefined)
    const { findings: found } = diagnose(await factsOf({ otherPlugins }))
    expect(found.map(({ severity, what }) => `${severity} ${what}`)).toEqual([
      "warning @azumag/opencode-rate-limit-fallback switches models on failure, too: where it is switched on, both would act on the same failure.",
    ])
  })

  test("what says where it is already is said once", async () => {
    const at = { path: ["agents", "build"], by: { from: "agent", agent: "build" } } as const
    const finding = { severity: "info", code: "x", where: "agent build", what: "", advice: "", at } as const
    expect((await placed([finding], (await factsOf({})).own)).map(({ where }) => where)).toEqual([
      "agent build",
    ])
  })
})

describe("chains", () => {
  test("an agent's own list, its category's, and the global one", async () => {
    const { views } = diagnose(
      await factsOf({
        config: {
          model: "alpha/one",
          agent: {
            build: { fallback_models: ["gamma/three"] },
            plan: { category: "deep" },
            old: { disable: true },
            gone: { disabled: true },
          },
        },
        settings: {
          fallback_models: ["beta/two"],
          categories: { deep: { fallback_models: ["gamma/three", "beta/two"] } },
        },
      }),
    )
    const text = views.map(
      (view) =>
        `${view.kind} ${view.name}: ${view.chain.origin.from} ${view.fallbacks.map((one) => one.entry.model).join(",")}`,
    )
    expect(text).toEqual([
      "agent build: agent gamma/three",
      "agent plan: category gamma/three,beta/two",
      "agent general: global beta/two",
      "agent explore: global beta/two",
      "category deep: category gamma/three,beta/two",
    ])
  })

  test("a model of OpenCode's own configuration may have its variant behind it", async () => {
    const config = { model: "alpha/one#high", agent: { build: { model: "alpha/one#low" } } }
    const facts = await factsOf({ config, settings: { fallback_models: ["beta/two"] } })
    const { findings: found } = diagnose(facts)
    expect(found.map(({ code }) => code)).not.toContain("unknown-model")
  })

  test("a provider/* shows the model that it stands for, and why there is none", async () => {
    const catalog = catalogOf({ "alpha/one-1": {}, "beta/maker/one-1": {}, "gamma/two-1": {} })
    const facts = await factsOf({
      catalog,
      config: { agent: { build: { model: "alpha/one-1" } } },
      settings: { fallback_models: ["beta/*", "gamma/*", "delta/*"] },
    })
    const { views, findings: found } = diagnose(facts)
    const standings = views.map(({ name, fallbacks }) => [
      name,
      ...fallbacks.map(({ entry, reason }) => `${entry.model}${reason ? ` ${reason.why}` : ""}`),
    ])
    expect(standings.slice(0, 2)).toEqual([
      ["build", "beta/maker/one-1", "gamma/* not-offered", "delta/* not-connected"],
      // Its model is chosen in the session.
      ["plan", "beta/*", "gamma/*", "delta/* not-connected"],
    ])
    expect(found.map(({ code, where }) => `${code} ${where}`)).toEqual([
      "provider-not-connected fallback_models[2]",
    ])
    const drawn = drawDoctor(
      facts,
      { views, findings: found },
      { colors: picocolors.createColors(false), columns: undefined },
    )
    expect(drawn).toContain("-> beta/maker/one-1 (beta/*)")
    // The others have the same models, and stand together.
    expect(drawn).toMatch(/\n {2}agent build {2}from [^]*\n {2}agents plan, general, explore {2}from /)
  })

  test("findings are broken between words, in a column of their own", async () => {
    const facts = await factsOf({ settings: { fallback_models: ["nobody/knows-this-one"] } })
    const canvas = { colors: picocolors.createColors(false), columns: 40 }
    const drawn = drawDoctor(facts, diagnose(facts), canvas).split("Findings\n")[1] ?? ""
    expect(drawn).toMatch(/^ {2}(?:error|warning) {2,}\S/)
    const lines = drawn.split("\n")
    expect(lines.every((line) => line.length <= 40)).toBe(true)
    const words = diagnose(facts).findings.flatMap(({ what }) => what.split(" "))
    expect(words.filter((word) => !lines.some((line) => line.includes(word)))).toEqual([])
  })

  test("each model's standing comes from the shared health and the catalog", async () => {
    const { views } = diagnose(
      await factsOf({
        settings: { fallback_models: ["beta/two", "gamma/three", "gamma/unknown", "delta/four"] },
        circuits: [
          { key: "model:beta/two", failures: 1, kind: "rate_limit", failedAt: now, until: now + 30_000 },
          {
            key: "provider:gamma",
            failures: 1,
            kind: "unknown",
            failedAt: now,
            until: heldUntil,
            held: true,
          },
        ],
      }),
    )
    expect(views[0]?.primary?.reason).toBeUndefined()
    expect(views[0]?.fallbacks.map((one) => one.reason?.why)).toEqual([
      "cooling-down",
      "provider-held",
      "provider-held",
      "not-connected",
    ])
  })
})

describe("known plugins", () => {
  test.each([
    ["oh-my-opencode", { runtime_fallback: true }, true],
    ["oh-my-opencode", { runtime_fallback: { enabled: true } }, true],
    ["oh-my-opencode", { runtime_fallback: { cooldown_seconds: 5 } }, false],
    ["oh-my-opencode", {}, false],
    ["oh-my-opencode", { model_fallback: true }, true],
    ["oh-my-opencode", { "[opencode]": { runtime_fallback: true } }, true],
    ["oh-my-opencode", { runtime_fallback: true, "[opencode]": { agents: {} } }, true],
    ["oh-my-opencode", { runtime_fallback: true, "[opencode]": { runtime_fallback: false } }, false],
    ["oh-my-openagent", { runtime_fallback: false }, false],
    ["oh-my-opencode-slim", {}, true],
    ["oh-my-opencode-slim", { fallback: { enabled: false } }, false],
    ["opencode-fallback", { enabled: false }, false],
    ["@smart-coders-hq/opencode-model-fallback", undefined, true],
    ["@renjfk/opencode-model-fallback", { mappings: {} }, true],
    ["@somebody/opencode-auto-model-fallback", undefined, true],
    ["lichti-opencode-model-fallback", undefined, true],
    ["lichti-opencode-model-fallback", { enabled: false }, false],
  ])("%s with %j acts: %j", async (name, settings, acts) => {
    expect((await othersAmong(name, settings)).map((other) => other.acts)).toEqual([acts])
  })

  test.each([
    ["opencode-understudy", undefined],
    ["opencode-understudy", "/home/me/opencode-fallback/understudy"],
    ["@opencode-ai/plugin", undefined],
    ["opencode-antigravity-auth", undefined],
    ["@my/opencode-notify", undefined],
  ])("%s (%s) is left alone", async (name, spec) => {
    expect(await othersAmong(name, undefined, spec)).toEqual([])
  })
})

test.each([
  ["1.18.33", true],
  ["1.18.22", true],
  ["1.18.21", false],
  ["2.0.0", false],
  ["1.19.0-beta.1", true],
  ["0.0.0-dev-202611", true],
])("OpenCode %s is supported: %j", (version, supported) => {
  expect(isSupported(version)).toBe(supported)
})

test("OpenCode 2 looks for a newer copy of a bare name by itself", async () => {
  const releases = { ...current, spec: name }
  const codes = async (version: string) =>
    diagnose(await factsOf({ releases, version })).findings.map(({ code }) => code)
  expect(await codes("1.18.33")).toContain("not-pinned")
  expect(await codes("2.0.15")).not.toContain("not-pinned")
})

describe("packages whose failures are handled by a replay", () => {
  const catalog = catalogOf({
    "alpha/one": { npm: "gitlab-ai-provider" },
    "beta/two": { npm: "@ai-sdk/cohere" },
  })
  const replayed = async (version: string) => {
    const { findings } = diagnose(await factsOf({ catalog, version }))
    return findings.filter(({ code }) => code === "handled-by-replay").map(({ where }) => where)
  }

  test("are named where a chain uses them", async () => {
    expect(await replayed("1.18.33")).toEqual(["alpha/one"])
  })

  test("are of no concern on OpenCode 2", async () => {
    expect(await replayed("2.0.27")).toEqual([])
  })
})
