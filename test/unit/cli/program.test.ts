import { describe, expect, test } from "bun:test"
import { mkdirSync } from "node:fs"
import { chmod, readdir, readlink, rename, symlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { version } from "../../../package.json"
import { applyChanges } from "../../../src/cli/changes/apply-changes.ts"
import { leftAbove } from "../../../src/cli/changes/left-above.ts"
import { findOpenCode } from "../../../src/cli/opencode/find-opencode.ts"
import { packageFacts } from "../../../src/cli/opencode/package-facts.ts"
import { scratch } from "./scratch-terminal.ts"

describe("remove", () => {
  test.each([
    ["a setting that speaks of tokens", { runtime_fallback: { first_token_timeout_seconds: 30 } }],
    ["a model with max_tokens", { fallback_models: [{ model: "a/b", max_tokens: 9 }] }],
    ["the place of a key", { providers: { a: { keys: ["{env:SECOND_KEY}", "{file:~/key}"] } } }],
  ])("takes the plugin out with %s in its options", async (_title, options) => {
    await using home = await scratch({
      "opencode.json": JSON.stringify({ plugin: [["opencode-understudy", options]], model: "a/b" }),
    })
    const { exitCode } = await home.run("remove", "--yes")
    expect(exitCode).toBe(0)
    expect(await home.text("opencode.json")).toBe('{"model":"a/b"}')
  })

  test.each([
    ["a key", { providers: { a: { keys: ["hunter2"] } } }],
    ["the password of a store", { runtime_fallback: { store: "redis://me:hunter2@host" } }],
  ])(
    "leaves the plugin where its options hold %s, which undo would have to keep",
    async (_title, options) => {
      const before = JSON.stringify({ plugin: [["opencode-understudy", options]] })
      await using home = await scratch({ "opencode.json": before })
      const { exitCode, said } = await home.run("remove", "--yes")
      expect(exitCode).toBe(3)
      expect(said).toContain("by hand")
      expect(said).not.toContain("hunter2")
      expect(await home.text("opencode.json")).toBe(before)
    },
  )

  test("takes the keys out of agents in Markdown, also of those in folders", async () => {
    await using home = await scratch({
      "agent/review/security.md": "---\nmodel: a/b\nfallback_models:\n  - c/d\n---\nText\n",
      "modes/quoted.md": '---\r\n"fallback_models": [c/d]\r\nmodel: a/b\r\n---\r\nText\r\n',
    })
    await home.run("remove", "--yes")
    expect(await home.text("agent/review/security.md")).toBe("---\nmodel: a/b\n---\nText\n")
    expect(await home.text("modes/quoted.md")).toBe("---\r\nmodel: a/b\r\n---\r\nText\r\n")
  })

  test("deletes the files that init has made and in which nothing else stands; undo brings them back", async () => {
    let time = 0
    await using home = await scratch({}, { now: () => (time += 1_000) })
    const files = ["opencode.json", "tui.json"]
    await home.run("init", "--yes", "--offline")
    const made = await Promise.all(files.map(home.text))
    expect((await home.run("remove", "--yes")).said).toContain("+++ /dev/null")
    expect(await readdir(home.path(""))).toEqual([])
    await home.run("init", "--undo", "--yes")
    expect(await Promise.all(files.map(home.text))).toEqual(made)
    await Bun.write(home.path("tui.json"), '{ "theme": "nord", "plugin": ["opencode-understudy"] }')
    await home.run("remove", "--yes")
    expect(await home.text("tui.json")).toBe('{ "theme": "nord" }')
  })

  test("leaves a file that was there before, whatever is left of it", async () => {
    await using home = await scratch({ "tui.json": '{ "$schema": "s", "plugin": ["opencode-understudy"] }' })
    await home.run("remove", "--yes")
    expect(await home.text("tui.json")).toBe('{ "$schema": "s" }')
  })

  test("leaves a list in which somebody has commented something out", async () => {
    await using home = await scratch({
      "opencode.jsonc": '{\n  "plugin": [\n    "opencode-understudy",\n    // "mine"\n  ]\n}\n',
    })
    await home.run("remove", "--yes")
    expect(await home.text("opencode.jsonc")).toContain('// "mine"')
  })
})

describe("a file above the repository, which is not the user's own", () => {
  const ours = '{ "plugin": ["opencode-understudy@0.1.0"] }'
  const offline = { env: { npm_config_registry: "http://127.0.0.1:1" } }
  test.each([
    ["a syntax error", { "~/opencode.json": "{ nope" }, "opencode.json"],
    ["a syntax error in tui.json", { "~/tui.json": "{ nope" }, "tui.json"],
    ["a plain file named .opencode", { "~/.opencode": "" }, ".opencode"],
    ["a folder named opencode.json", { "~/opencode.json/x": "" }, "opencode.json"],
  ])("keeps remove and update from nothing: %s", async (_title, files: Record<string, string>, named) => {
    for (const args of [["remove"], ["update", "--to", "0.2.0"]]) {
      await using home = await scratch(
        { "opencode.json": ours, "~/project/.git/HEAD": "", ...files },
        offline,
      )
      const { exitCode, said } = await home.run(...args, "--yes")
      expect(exitCode).toBe(0)
      if (named !== ".opencode") expect(said).toContain(`Left as it is: ${home.path(`~/${named}`)}`)
      expect(await home.text("opencode.json")).not.toContain("0.1.0")
    }
  })

  test("one that cannot be written does not put the others back", async () => {
    const written = { path: "/gone", before: "a", after: "b" }
    const { left, writable } = leftAbove(() => false)
    expect(await writable([written, { ...written, after: "a" }])).toEqual([{ ...written, after: "a" }])
    expect(left[0]).toContain("Left as it is: /gone")
  })
})

describe("config", () => {
  test("shows no password and no key, wherever it stands", async () => {
    await using home = await scratch({
      "understudy.jsonc": JSON.stringify({
        runtime_fallback: { store: "redis://me:hun/ter2@127.0.0.1:1" },
        on_switch: ["curl", "-H", "Authorization: Bearer sk-planted-abcdef", "https://u:hunter2@host/x"],
        providers: { a: { keys: ["hunter2"] } },
      }),
    })
    for (const args of [["config"], ["config", "--json"], ["doctor", "--json"], ["status"]]) {
      const { said } = await home.run(...args)
      expect(said).not.toMatch(/hunter2|ter2|sk-planted/)
    }
    expect((await home.run("config", "--set")).said).toContain("curl, -H, Authorization: Bearer ***")
  })

  test("writes ~ for the home folder, and for no other that begins like it", async () => {
    await using home = await scratch({ "understudy.json": '{ "fallback_models": ["a/b"] }' })
    expect((await home.run("config", "--set")).said).toContain(" ~/.config/opencode/understudy.json:1:22 ")
    await using other = await scratch(
      { "understudy.json": '{ "fallback_models": ["a/b"] }' },
      { env: { XDG_CONFIG_HOME: `${home.home}-too` } },
    )
    expect((await other.run("config", "--set")).said).not.toContain("~")
  })

  test("says so where it cannot know what agents in Markdown files set", async () => {
    const list = "---\nfallback_models: a/b\n---\n"
    await using home = await scratch({ "agent/reviewer.md": list })
    const unknown = "what agents in Markdown files set is not known."
    expect((await home.run("config")).said).toContain(
      `OpenCode was not found: ${unknown} Name it with --opencode PATH.\n`,
    )
    expect((await home.run("config", "--offline")).said).not.toContain(unknown)
    // A Bun, which knows neither the question for the version nor that for the configuration as OpenCode does.
    const { said } = await home.run("config", "--opencode", process.execPath)
    expect(said).toMatch(/^OpenCode was not asked \(.+\): what agents in Markdown files set is not known\.$/m)
  })

  test("breaks no key and no place in a narrow terminal: they are to be copied", async () => {
    await using home = await scratch(
      { "understudy.jsonc": '{ "runtime_fallback": { "first_token_timeout_seconds": 9 } }' },
      { columns: 40 },
    )
    const { said } = await home.run("config")
    expect(said).toContain(
      "\nruntime_fallback.first_token_timeout_seconds\n  ~/.config/opencode/understudy.jsonc:1:56\n  9\n",
    )
    expect(said).toContain('\nruntime_fallback.log_level  default\n  "info"\n')
  })

  test.each([
    ["OPENCODE_DISABLE_PROJECT_CONFIG", "1", false],
    ["OPENCODE_DISABLE_PROJECT_CONFIG", "0", true],
    // Version 2's own word for it, and no OpenCode has said that it is one.
    ["OPENCODE_CONFIG_PROJECT_DISABLE", "1", true],
  ])("whether the project's files are read with %s=%s, as OpenCode does: %p", async (name, value, isRead) => {
    await using home = await scratch(
      {
        "~/project/.opencode/understudy.json": '{ "fallback_models": ["a/b"] }',
        "~/project/opencode.json": '{ "agent": { "build": { "fallback_models": ["c/d"] } } }',
      },
      { env: { [name]: value } },
    )
    const { said } = await home.run("config", "--set")
    if (isRead) expect(said).toMatch(/a\/b[^]*c\/d|c\/d[^]*a\/b/)
    else expect(said).toStartWith("Nothing is set")
  })
})

describe("a binary that is named with --opencode", () => {
  test.each(["config", "doctor", "init", "test", "simulate --model a/b --chain c/d +1s"])(
    "is asked, or %s says that it is not there",
    async (line) => {
      await using home = await scratch({ "no-program": "" })
      for (const path of ["/nowhere/opencode", home.path("no-program")]) {
        const { exitCode, said } = await home.run(...line.split(" "), "--opencode", path)
        expect(exitCode).toBe(3)
        expect(said).toContain(`--opencode ${path}: not a program that you can run`)
      }
    },
  )

  test("has an absolute path from then on: commands start it in other folders", async () => {
    const place = { env: {}, home: "/", platform: "linux", directory: dirname(process.execPath) }
    expect(await findOpenCode(place, `./${basename(process.execPath)}`)).toBe(process.execPath)
  })
})

test("doctor counts keys as they stand in the file, whatever is wrong with those before", async () => {
  await using home = await scratch({
    "understudy.jsonc": '{ "providers": { "alpha": { "keys": [\n"",\n5,\n"{env:NOPE}"\n] } } }',
  })
  const { said } = await home.run("doctor", "--offline")
  expect(said).toContain("alpha: key 1: ready; key 2: missing; key 3: missing; key 4: missing")
  for (const [line, index, code] of [
    [2, 0, "invalid-setting"],
    [3, 1, "invalid-setting"],
    [4, 2, "key-missing"],
  ])
    expect(said).toContain(`understudy.jsonc:${line}:1, providers.alpha.keys[${index}] [${code}]`)
  expect(said.match(/keys\[/g)).toHaveLength(3)
})

test.each(["v 1", "latest", "^0.2.0", ""])("update --to %j is refused: it is no version", async (text) => {
  const before = '{ "plugin": ["opencode-understudy"] }'
  await using home = await scratch({ "opencode.json": before })
  const { exitCode, said } = await home.run("update", "--yes", "--to", text)
  expect(exitCode).toBe(2)
  expect(said).toContain("exact version")
  expect(await home.text("opencode.json")).toBe(before)
})

test("an agent that is not there is answered with those that are, each once", async () => {
  await using home = await scratch({
    "understudy.json": '{ "agents": { "build": { "fallback_models": ["a/b"] } } }',
    "agent/review/security.md": "Text",
  })
  const { exitCode, said } = await home.run("simulate", "--assume-connected", "--agent", "buld", "a/b: 429")
  expect(exitCode).toBe(2)
  expect(said).toContain("Did you mean build? There are: build, plan, general, explore, review/security.")
})

test("what stands where a file cannot be read is shown, but for a key", async () => {
  const broken = '{ "provider": { "a": { "options": { "apiKey" "sk-planted-abcdefghijkl" } } } }'
  await using home = await scratch({ "opencode.json": broken, "understudy.json": broken })
  for (const command of ["doctor", "config", "init"]) {
    const { said } = await home.run(command)
    expect(said).not.toContain("sk-planted")
    expect(said).toContain("opencode.json:1:46")
    expect(said).toContain("found a string of 23 characters (not shown) (a `:` is missing)")
  }
})

test("status says what to check of a server that does not answer, and nothing of a file", async () => {
  await using home = await scratch({
    "understudy.json": '{ "runtime_fallback": { "store": "redis://me:hunter2@127.0.0.1:1" } }',
  })
  const { exitCode, said } = await home.run("status")
  expect(exitCode).toBe(3)
  expect(said).toMatch(/redis:\/\/\*\*\*@127\.0\.0\.1:1 cannot be read .*Check the address and the password/)
})

test("init and init --undo give the same document for programs", async () => {
  await using home = await scratch({ "opencode.json": "{}" })
  const first = await home.run("init", "--offline", "--no-panel", "--yes", "--json")
  const back = await home.run("init", "--undo", "--yes", "--json")
  const change = { path: home.path("opencode.json"), action: "edit" }
  expect(JSON.parse(first.said)).toMatchObject({ version: 1, isWritten: true, changes: [change] })
  expect(JSON.parse(back.said)).toMatchObject({
    version: 1,
    isWritten: true,
    changes: [change],
    undoRecord: null,
  })
  expect(await home.text("opencode.json")).toBe("{}")
})

test("init names a file that it cannot read once, and one that it does not touch as well", async () => {
  await using home = await scratch({ "opencode.json": '{ "plugin": [' })
  const { said } = await home.run("init", "--offline")
  expect(said.split(home.path("opencode.json"))).toHaveLength(2)
  await using other = await scratch({ "opencode.json": "{}", "~/project/opencode.json": '{ "model": ' })
  expect((await other.run("init", "--offline", "--no-panel")).said).toContain(
    `${join(other.project, "opencode.json")}:1:12: OpenCode cannot read it`,
  )
})

test.each([
  ["[1]", "found a list of 1, and not an object"],
  ['{ "plugin": "other" }', ', plugin: found "other", and not a list'],
])("init adds nothing to %j, and says why", async (text, why) => {
  await using home = await scratch({ "opencode.json": text })
  const { exitCode, said } = await home.run("init", "--offline", "--yes")
  expect(exitCode).toBe(3)
  expect(said).toContain(`${home.path("opencode.json")}${why.startsWith(",") ? why : `: ${why}`}`)
  expect(await home.text("opencode.json")).toBe(text)
  expect(await readdir(home.path(""))).toEqual(["opencode.json"])
})

test("a link whose file is gone stays, and is named", async () => {
  await using home = await scratch({ "~/dotfiles/opencode.json": "{}" })
  mkdirSync(home.path(""), { recursive: true })
  const [link, file] = [home.path("opencode.json"), home.path("~/dotfiles/opencode.json")]
  await symlink(file, link)
  await rename(file, `${file}.old`)
  const { exitCode, said } = await home.run("init", "--offline", "--yes")
  expect(exitCode).toBe(3)
  expect(said).toContain(`${link} cannot be read: it is a broken symbolic link.`)
  expect(await readlink(link)).toBe(file)
})

test("remove names what is left only where it is there", async () => {
  await using home = await scratch({})
  expect((await home.run("remove")).said).not.toContain("Left for you")
  await Bun.write(home.path("~/.local/state/opencode-understudy/health.sqlite"), "")
  const { said } = await home.run("remove")
  expect(said).toContain(`  ${home.path("~/.local/state/opencode-understudy")}  health`)
})

test("undo passes over what has been taken back already, and asks nothing", async () => {
  let time = 0
  await using home = await scratch({ "opencode.json": "{}" }, { now: () => (time += 1_000) })
  await home.run("init", "--offline", "--yes", "--no-panel")
  await Bun.write(home.path("opencode.json"), "{}")
  const { exitCode, said } = await home.run("init", "--undo")
  expect(exitCode).toBe(0)
  expect(said).toContain("Everything is as it was.")
  expect((await home.run("init", "--undo")).said).toContain("Nothing to undo")
})

test.each([
  ["init", [], "OpenCode was not found"],
  ["init", ["--offline"], "OpenCode was not asked (--offline)"],
  ["doctor", [], "unknown: OpenCode was not found"],
  ["doctor", ["--offline"], "unknown: OpenCode was not asked (--offline)"],
  ["simulate", ["--model", "a/b", "a/b: 429"], "OpenCode was not found: every model counts as connected."],
])("%s %j says why it is not known what is connected", async (command, options, why) => {
  const opencode = command !== "simulate" && options.length > 0
  await using home = await scratch(opencode ? { "~/.opencode/bin/opencode": "#!/bin/sh\nexit 1\n" } : {})
  if (opencode) await chmod(home.path("~/.opencode/bin/opencode"), 0o755)
  expect((await home.run(command, ...options)).said).toContain(why)
})

test("config --set says that nothing is set", async () => {
  await using home = await scratch({})
  expect((await home.run("config", "--set")).said).toBe("Nothing is set: the defaults are in force.\n")
})

test("test says nothing of a list that may stand in a file that cannot be read", async () => {
  await using home = await scratch({
    "opencode.json": "{",
    "~/.opencode/bin/opencode": "#!/bin/sh\nexit 1\n",
  })
  await chmod(home.path("~/.opencode/bin/opencode"), 0o755)
  const { exitCode, said } = await home.run("test")
  expect(exitCode).toBe(3)
  expect(said).toContain("Nothing was tried: fix that file first.")
  expect(said).not.toContain("has no fallback models")
})

test("what OPENCODE_CONFIG_CONTENT says is judged, placed and shown like a file", async () => {
  const content = '{ "fallback_models": ["a/b"], "agent": { "plan": { "fallback_models": ["c/d"] } } }'
  await using home = await scratch({}, { env: { OPENCODE_CONFIG_CONTENT: content } })
  const { said } = await home.run("config", "--set")
  expect(said).toContain("OPENCODE_CONFIG_CONTENT:1:3: fallback_models: found a key that is not read here.")
  expect(said).toContain(`agents.plan.fallback_models  OPENCODE_CONFIG_CONTENT:1:71  c/d`)
  const listing = {
    OPENCODE_CONFIG_CONTENT: '{ "plugin": ["opencode-understudy", "opencode-auto-fallback"] }',
  }
  await using listed = await scratch({}, { env: listing })
  expect((await listed.run("doctor", "--offline")).said).toContain(
    'OPENCODE_CONFIG_CONTENT:1:37, plugin "opencode-auto-fallback" [other-plugin]',
  )
  await using broken = await scratch({}, { env: { OPENCODE_CONFIG_CONTENT: '{ "a" 1 }' } })
  expect((await broken.run("doctor")).said).toContain("OPENCODE_CONFIG_CONTENT:1:7 [unreadable-file]")
})

test("the password of a registry is not shown", async () => {
  for (const registry of ["http://me:hunter2@127.0.0.1:1", "http://me:hunter2@127.0.0.1:1/@corp/npm"]) {
    const env = { npm_config_registry: registry }
    await using home = await scratch({ "opencode.json": '{"plugin":["opencode-understudy@0.1.0"]}' }, { env })
    const { said } = await home.run("update")
    expect(said).toContain(": 127.0.0.1:1 could not be asked")
    expect(said).not.toContain("hunter2")
  }
})

describe("what stands in OPENCODE_CONFIG_CONTENT, where no command can write, is left to the person by name", () => {
  const byHand = "Change OPENCODE_CONFIG_CONTENT yourself: no command can write there."
  const plugin = ["opencode-understudy", "opencode-auto-fallback"]
  const npm = { npm_config_registry: "http://127.0.0.1:1" }
  const env = { ...npm, OPENCODE_CONFIG_CONTENT: JSON.stringify({ plugin }) }
  const opencodeJson = '{"plugin":["opencode-understudy@0.1.0"]}'

  test("update", async () => {
    await using alone = await scratch({}, { env })
    expect(await alone.run("update", "--to", "9.9.9")).toEqual({ exitCode: 3, said: byHand })
    await using both = await scratch({ "tui.json": opencodeJson }, { env })
    const { said } = await both.run("update", "--to", "9.9.9", "--yes")
    expect(said).toMatch(/\nUpdated to 9\.9\.9\. [^\n]*\nChange OPENCODE_CONFIG_CONTENT yourself/)
    expect(await both.text("tui.json")).toContain("@9.9.9")
    const pinned = { ...npm, OPENCODE_CONFIG_CONTENT: '{"plugin":["opencode-understudy@9.9.9"]}' }
    await using held = await scratch({ "opencode.json": opencodeJson }, { env: pinned })
    expect((await held.run("update", "--to", "9.9.9", "--yes")).said).not.toContain(byHand)
  })

  test.each([
    ["the plugin", env.OPENCODE_CONFIG_CONTENT],
    ["a plugin with a key", '{"plugin":[["opencode-understudy",{"apiKey":"sk-planted"}]]}'],
    ["an agent's list", '{"agent":{"build":{"fallback_models":["a/b"]}}}'],
  ])("remove: %s", async (_, content) => {
    const change = { env: { OPENCODE_CONFIG_CONTENT: content } }
    await using alone = await scratch({}, change)
    expect((await alone.run("remove")).said).toContain(
      `Nothing to remove: none of OpenCode's files mentions Understudy.\n${byHand}\n`,
    )
    await using both = await scratch({ "opencode.json": opencodeJson }, change)
    expect((await both.run("remove", "--yes")).said).toMatch(
      /\nRemoved\. [^\n]*\nChange OPENCODE_CONFIG_CONTENT yourself/,
    )
    expect(await both.text("opencode.json")).toBe("{}")
    expect(JSON.parse((await both.run("remove", "--json")).said)).toMatchObject({
      changes: [],
      left: [byHand],
    })
  })

  test("doctor and init", async () => {
    await using home = await scratch({}, { env })
    expect((await home.run("init", "--offline", "--remove-others")).said).toContain(
      `Remove it with --remove-others. ${byHand}`,
    )
    const { findings } = JSON.parse((await home.run("doctor", "--offline", "--json")).said) as {
      readonly findings: readonly { readonly code: string; readonly advice: string }[]
    }
    expect(findings.flatMap(({ code, advice }) => (advice.endsWith(` ${byHand}`) ? [code] : []))).toEqual([
      "other-plugin",
      "not-pinned",
    ])
    await using other = await scratch({ "opencode.json": JSON.stringify({ plugin }) })
    expect((await other.run("doctor", "--offline")).said).not.toContain(byHand)
  })
})

test("doctor names of several entries the one that is not pinned", async () => {
  await using home = await scratch({
    "opencode.json": '{"plugin":["opencode-understudy"]}',
    "~/project/opencode.json": '{"plugin":["opencode-understudy@0.2.0"]}',
  })
  const line = `${home.path("opencode.json")}:1:12, plugin "opencode-understudy" [not-pinned]`
  const { said } = await home.run("doctor", "--offline")
  expect(said).toContain(line)
  expect(said).not.toContain(`, ${line}`)
})

test("simulate takes an agent by a name in other letters for the one that OpenCode has, with its model", async () => {
  await using home = await scratch({
    "opencode.json": JSON.stringify({ model: "gamma/three", agent: { build: { model: "alpha/one" } } }),
    "understudy.jsonc": JSON.stringify({ agents: { build: { fallback_models: ["beta/two"] } } }),
  })
  const { said } = await home.run("simulate", "--assume-connected", "--agent", "Build", "alpha/one: 429")
  expect(said).toContain("beta/two")
  expect(said).not.toContain("unused")
})

test("simulate names a file that cannot be read before it says that nobody has the agent that may stand in it", async () => {
  await using home = await scratch({
    "opencode.json": '{ "agent": { "reviewer": { "model": "alpha/one" } ',
    "understudy.jsonc": '{ "fallback_models": ["beta/two"] }',
  })
  const run = await home.run("simulate", "--assume-connected", "--agent", "reviewer", "alpha/one: 429")
  expect(run.said).toMatch(/opencode\.json[^]*no agent named reviewer/)
})

test("simulate refuses a category that nobody has configured", async () => {
  await using home = await scratch({ "understudy.json": '{ "categories": { "deep": { "model": "a/b" } } }' })
  const { exitCode, said } = await home.run(
    "simulate",
    "--assume-connected",
    "--category",
    "depe",
    "a/b: 429",
  )
  expect(exitCode).toBe(2)
  expect(said).toContain("No category is named depe. Did you mean deep? There are: deep.")
})

test.each([
  ["OpenCode's own folder in the home folder, which OpenCode 1 reads", "~/.opencode/opencode.json"],
  ["a folder above the project, which OpenCode 2 reads", "~/opencode.json"],
])("remove and update reach %s", async (_title, file) => {
  let time = 0
  await using home = await scratch(
    { [file]: '{"plugin":["opencode-understudy@0.1.0"],"agent":{"build":{"model":"a/b","category":"x"}}}' },
    { now: () => (time += 1_000), env: { npm_config_registry: "http://127.0.0.1:9" } },
  )
  await home.run("update", "--to", "0.2.0", "--yes")
  expect(await home.text(file)).toContain("opencode-understudy@0.2.0")
  await home.run("remove", "--yes")
  expect(await home.text(file)).toBe('{"agent":{"build":{"model":"a/b"}}}')
})

test("update does not say of a copy that is listed by its path that it is up to date", async () => {
  await using home = await scratch({
    "opencode.json": '{"plugin":["../plugin"]}',
    "~/plugin/package.json": '{"name":"opencode-understudy"}',
  })
  const { exitCode, said } = await home.run("update", "--to", "0.2.0")
  expect(exitCode).toBe(3)
  expect(said).toBe("OpenCode loads opencode-understudy from ../plugin and not from npm: update it there.")
})

test.each([
  ["init", "--offline", "understudy.json"],
  ["remove", "--yes", "agent/broken.md"],
  ["remove", "--yes", "opencode.json"],
  ["update", "--to=0.2.0", "opencode.json"],
])("%s %s names a file that it cannot read, and is no fault of its own", async (command, option, name) => {
  await using home = await scratch({ [`${name}/x`]: "" })
  const { exitCode, said } = await home.run(command, option)
  expect(exitCode).toBe(3)
  expect(said).toContain(`${home.path(name)} cannot be read: it is a folder`)
})

describe("init puts the plugin into the list that counts, and takes no other away", () => {
  const list = (...plugins: readonly string[]) => JSON.stringify({ plugin: plugins })
  test.each([
    ["the stronger of two", { "opencode.json": list("x"), "opencode.jsonc": list("y") }, "opencode.jsonc"],
    ["the only one", { "opencode.json": list("x"), "opencode.jsonc": '{"model":"a/b"}' }, "opencode.json"],
    ["that of config.json", { "config.json": list("x") }, "config.json"],
    ["a file without one", { "opencode.jsonc": '{"model":"a/b"}' }, "opencode.jsonc"],
  ])("%s", async (_title, files: Readonly<Record<string, string>>, expected) => {
    await using home = await scratch(files)
    await home.run("init", "--offline", "--no-panel", "--yes")
    for (const [name, before] of Object.entries(files))
      if (name !== expected) expect(await home.text(name)).toBe(before)
    const written: unknown = JSON.parse(await home.text(expected))
    const before: unknown = JSON.parse(files[expected] ?? "")
    expect(written).toEqual({
      ...(before as object),
      plugin: [
        ...((before as { readonly plugin?: readonly string[] }).plugin ?? []),
        expect.stringMatching(/^opencode-understudy@/),
      ],
    })
  })
})

test("init --remove-others removes them from every list that they are in", async () => {
  const list = '{"plugin":["x", "opencode-fallback", ["opencode-fallback", {}]]}'
  const project = "~/project/opencode.json"
  await using home = await scratch({ "opencode.json": list, [project]: list })
  await home.run("init", "--offline", "--no-panel", "--remove-others", "--yes")
  expect(await home.text("opencode.json")).toMatch(/^\{"plugin":\["x", "opencode-understudy@[^"]+"\]\}$/)
  expect(await home.text(project)).toBe('{"plugin":["x"]}')
})

test("config.json, which OpenCode 1 reads as well, is updated and cleared like any other", async () => {
  let time = 0
  await using home = await scratch(
    {
      "config.json":
        '{"plugin":["opencode-understudy@0.1.0"],"agent":{"build":{"model":"a/b","fallback_models":["c/d"]}}}',
    },
    // Nobody is there to be asked for the version.
    { now: () => (time += 1_000), env: { npm_config_registry: "http://127.0.0.1:9" } },
  )
  const { said } = await home.run("config", "--set", "--offline")
  expect(said).toContain("~/.config/opencode/config.json:1:91")
  await home.run("update", "--to", "0.2.0", "--yes")
  expect(await home.text("config.json")).toContain("opencode-understudy@0.2.0")
  await home.run("remove", "--yes")
  expect(await home.text("config.json")).toBe('{"agent":{"build":{"model":"a/b"}}}')
})

test.each(["init --offline", "remove", "update --to 0.2.0"])(
  "%s says what is wrong in a file of OpenCode's, and does not speak as if it were not there",
  async (line) => {
    await using home = await scratch({ "opencode.json": '{ "plugin": ["opencode-understudy" }' })
    const { exitCode, said } = await home.run(...line.split(" "), "--yes")
    expect(exitCode).toBe(3)
    expect(said).toContain(
      'opencode.json:1:36: found "}" (a `]` is missing). Fix the file first; nothing was written.',
    )
  },
)

test.each([
  ["init", "--offline"],
  ["remove", "--yes"],
  ["update", "--to=0.3.0"],
])(
  "%s leaves a file that is not UTF-8 as it is: written back it would lose letters",
  async (command, option) => {
    await using home = await scratch({ "opencode.json": "" })
    const latin = Buffer.from('{ "plugin": ["opencode-understudy@0.1.0"], "x": "caf\u00e9" }', "latin1")
    await Bun.write(home.path("opencode.json"), latin)
    const { exitCode, said } = await home.run(command, option, "--yes")
    expect(exitCode).toBe(3)
    expect(said).toContain("opencode.json cannot be read: it is not UTF-8")
    expect(Buffer.from(await Bun.file(home.path("opencode.json")).arrayBuffer()).equals(latin)).toBe(true)
  },
)

test("what is not written is said, and said by the exit code", async () => {
  const before = '{ "plugin": ["opencode-understudy"], "model": "a/b" }'
  await using home = await scratch({ "opencode.json": before })
  for (const args of [["remove"], ["init", "--offline"]]) {
    const { exitCode, said } = await home.run(...args)
    expect(said).toContain("\nNothing was written.\n")
    expect(exitCode).toBe(4)
  }
  expect(await home.text("opencode.json")).toBe(before)
})

test("changes of which one cannot be written leave all as it was, and nothing to undo", async () => {
  await using home = await scratch({ "one.json": "1" })
  const changes = [
    { path: home.path("one.json"), before: "1", after: "2" },
    { path: home.path("two.json"), before: undefined, after: "2" },
  ]
  // Between the last look at the files and the first write somebody makes a folder of that name.
  const now = (): number => {
    mkdirSync(home.path("two.json"))
    return 0
  }
  const applied = applyChanges({ ...home.terminal, now }, changes, { yes: true, json: false })
  expect(await applied.catch(String)).toMatch(/two\.json could not be written: .*Nothing was changed\./)
  expect(await home.text("one.json")).toBe("1")
  expect((await readdir(home.path(""))).toSorted()).toEqual(["one.json", "two.json"])
  expect((await home.run("init", "--undo", "--yes")).said).toContain("Nothing to undo")
})

const commands = ["doctor", "simulate", "status", "test", "config", "init", "update", "remove", "classify"]

test.each([40, 60])("the help of every command fits %d columns", async (columns) => {
  await using home = await scratch({}, { columns })
  for (const args of [["--help"], ...commands.map((command) => [command, "--help"])]) {
    const { exitCode, said } = await home.run(...args)
    expect(exitCode).toBe(0)
    // A word stays whole, and so does the first line.
    const [, ...lines] = said.split("\n")
    const tooLong = lines.filter((line) => line.length > columns && line.trim().includes(" "))
    expect(tooLong).toEqual([])
  }
})

test.each([
  ["0.2.1", 0, "Updated to 0.2.1"],
  ["0.2.2", 3, "npm has no opencode-understudy 0.2.2"],
])("update --to %s asks the registry whether it is there", async (version, exitCode, text) => {
  using registry = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) =>
      url.endsWith("/opencode-understudy/0.2.1")
        ? Response.json({ version: "0.2.1" })
        : new Response("no", { status: 404 }),
  })
  const before = '{ "plugin": ["opencode-understudy@0.2.0"] }'
  const env = { npm_config_registry: registry.url.origin }
  await using home = await scratch({ "opencode.json": before }, { env })
  const result = await home.run("update", "--yes", "--to", version)
  expect(result.exitCode).toBe(exitCode)
  expect(result.said).toContain(text)
  expect(await home.text("opencode.json")).toBe(exitCode === 0 ? before.replace("0.2.0", version) : before)
})

test.each(["test", "config --set", "status", "simulate --model a/b --chain c/d --assume-connected +1s"])(
  "%s names what is wrong with the settings before it says anything else",
  async (line) => {
    // No OpenCode is there, and `test` needs one.
    const openCode = { "fake-opencode": "#!/bin/sh\n" }
    await using home = await scratch({
      ...openCode,
      "understudy.jsonc": '{\n  "fallback_models": ["c/d"\n}\n',
    })
    await chmod(home.path("fake-opencode"), 0o755)
    const { said } = await home.run(...line.split(" "), "--opencode", home.path("fake-opencode"))
    const where = `${home.path("understudy.jsonc")}:3:1`
    expect(said).toStartWith(`understudy: ${where}: found "}" (a \`]\` is missing). `)
  },
)

test("doctor says of a file that cannot be read only that, and shows a text there with its own quotes", async () => {
  await using home = await scratch({
    "opencode.json": `{ "plugin": ["${packageFacts.spec}"] }`,
    "understudy.jsonc": '{\n  "runtime_fallback": {}\n  "fallback_models": ["c/d"]\n}\n',
  })
  const { said } = await home.run("doctor", "--offline")
  expect(said).toContain(
    'understudy.jsonc:3:3 [unreadable-file]\n         Found "fallback_models" (a comma is missing).',
  )
  expect(said).not.toContain("no-chain-at-all")
})

test.each([
  ["there is one", '{ "fallback_models": ["c/d"] }', false],
  ["there is none", "{}", true],
])("init and how to set a list by hand, where %s", async (_title, settings, isSaid) => {
  await using home = await scratch({ "understudy.json": settings })
  const { said } = await home.run("init", "--yes", "--offline")
  expect(said.includes('Set "fallback_models"')).toBe(isSaid)
})

test("what OpenCode says in colours of why it cannot answer is said without them", async () => {
  await using home = await scratch({
    "fake-opencode": "#!/bin/sh\nprintf '\\033[91mError: no\\033[0m way\\n' >&2; exit 1\n",
  })
  await chmod(home.path("fake-opencode"), 0o755)
  const { said } = await home.run("doctor", "--opencode", home.path("fake-opencode"))
  expect(said).toContain("it ended with code 1: Error: no way.")
})

test("config gives no place to a default that stands where a file says something else that is left out", async () => {
  await using home = await scratch({
    "understudy.json": '{ "runtime_fallback": { "patience_seconds": -1, "cooldown_seconds": 5 } }',
    "~/project/.opencode/understudy.json":
      '{ "runtime_fallback": { "store": "redis://h:1" }, "ignore_models": ["a/b"], "fallback_models": ["c/d"] }',
  })
  const { said } = await home.run("config", "--set", "--offline")
  const rows = said.split("\n").filter((line) => line !== "" && !line.startsWith("understudy:"))
  expect(rows.map((line) => line.split(" ")[0])).toEqual([
    "runtime_fallback.cooldown_seconds",
    "fallback_models",
    "ignore_models",
  ])
})

/** What stands on standard output, and what on standard error. */
async function ran(...args: readonly string[]) {
  let stdout = ""
  await using home = await scratch({}, { write: (text) => void (stdout += text) })
  const { exitCode, said } = await home.run(...args)
  return { exitCode, stdout, stderr: said }
}

test.each([
  [["status", "--sinse", "7d"], /unknown option '--sinse'/],
  [["status", "--since", "soon"], /Give a span such as/],
  [["status", "--watch"], /--watch draws on a terminal/],
  [["status", "--watch", "--json"], /'--watch' cannot be used with option '--json'/],
  [["status", "--limit", "few"], /Give a whole number, 1 or more/],
  [["status", "--limit", "0"], /Give a whole number, 1 or more/],
  [["simulate"], /Nothing to simulate/],
  [["simulate", "--assume-connected", "alpha: 429"], /name one with --model/],
  [["simulate", "--model", "alpha", "--assume-connected", "alpha/one: 429"], /write provider\/model/],
  [["simulate", "alpha/one:429"], /a space after the colon/],
  [["simulate", "--scenario", "nope"], /No scenario is named nope\. There are: rate-limit, /],
  [["classify", "/nowhere.jsonl"], /cannot be read: it does not exist/],
  [["classify", "/tmp"], /is a folder/],
])("%j is refused with exit code 2 and a reason", async (args, reason) => {
  const { exitCode, stdout, stderr } = await ran(...args)
  expect(stderr).toMatch(reason)
  expect(stdout).toBe("")
  expect(exitCode).toBe(2)
})

test.each([
  [["--version"], 0, `${version}\n`],
  [["--help"], 0, /doctor[^]+simulate[^]+status[^]+init[^]+classify[^]+Exit codes/],
  [["simulate", "--help"], 0, /retry-after 60/],
  [[], 2, /Usage/],
] as const)("%j ends with %d", async (args, exitCode, output) => {
  const result = await ran(...args)
  expect(result.stdout).toMatch(output)
  expect(result.exitCode).toBe(exitCode)
})

test("a broken row is said in its place, the others keep theirs, and the exit code is 1", async () => {
  let stdout = ""
  const rows = { "rows.jsonl": '{"status":429}\n{bad\n\n{"status":401,"body":"x"}\n' }
  await using home = await scratch(rows, { write: (text) => void (stdout += text) })
  expect((await home.run("classify", home.path("rows.jsonl"))).exitCode).toBe(1)
  const verdicts = stdout.trim().split("\n")
  const read = verdicts.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  expect(read.map((row) => row["class"] ?? row["line"])).toEqual(["rate_limit", 2, "auth"])
})

test.each(["status", "simulate --assume-connected --model alpha/one +1s"])(
  "a file of OpenCode's that cannot be read is named by %s, in words",
  async (line) => {
    await using home = await scratch({
      "opencode.json": '{ "model": "alpha/one",\n  "plugin": ["opencode-understudy"\n',
      "understudy.jsonc": '{ "fallback_models": ["beta/two"] }',
    })
    const where = `${home.path("opencode.json")}:3:1`
    expect((await home.run(...line.split(" "))).said).toContain(
      `${where}: OpenCode cannot read it: found the end of the file (a \`]\` is missing).`,
    )
  },
)
