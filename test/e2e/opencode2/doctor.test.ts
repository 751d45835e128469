import { expect, test } from "bun:test"
import { chmod, mkdir, symlink } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { configure, providers, runCli } from "../cli/run-cli.ts"
import { type Home, makeHome } from "../harness/home.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { binary2, hasOpenCode2 } from "../harness/opencode2/index.ts"

type Report = {
  readonly opencode: { readonly version: string; readonly isSupported: boolean }
  readonly catalog: { readonly known: boolean; readonly models: number }
  readonly chains: readonly {
    readonly name: string
    readonly fallbacks: readonly { readonly model: string }[]
  }[]
  readonly findings: readonly { readonly severity: string; readonly code: string; readonly where: string }[]
}

const limitMs = 240_000

/** `doctor` of a user whose `opencode` is OpenCode 2. */
async function doctor(home: Home, environment: Readonly<Record<string, string>> = {}): Promise<Report> {
  const folder = join(home.path, "bin")
  await mkdir(folder, { recursive: true })
  await symlink(await binary2(), join(folder, "opencode"))
  const env = { ...home.environment, ...environment, PATH: `${folder}:/usr/bin:/bin` }
  const { stdout } = await runCli("node", home, ["doctor", "--json"], env)
  return JSON.parse(stdout) as Report
}

const plugin = `"plugin": ["${pathToFileURL(REPOSITORY).href}"]`
const base = `${plugin}, "model": "alpha/one", ${providers}`

test.if(hasOpenCode2)(
  "doctor knows OpenCode 2, its models and each agent's list, wherever the plugin can read it",
  async () => {
    await using home = await makeHome()
    await configure(home, {
      "opencode.jsonc": `{ ${base}, "agent": { "build": { "fallback_models": ["beta/two"] } } }`,
      "agent/reviewer.md":
        "---\nmode: subagent\nfallback_models:\n  - beta/two\n  - alpha/two\n---\nYou review.\n",
      "understudy.jsonc": '{ "fallback_models": ["alpha/two"] }',
    })
    const held = { agent: { plan: { fallback_models: ["beta/two"] } } }
    const report = await doctor(home, { OPENCODE_CONFIG_CONTENT: JSON.stringify(held) })
    expect(report.findings.filter(({ severity }) => severity !== "info")).toEqual([])
    expect(report.opencode).toMatchObject({ version: "2.0.15", isSupported: true })
    expect(report.catalog).toMatchObject({ known: true, models: 3 })
    const listOf = (name: string): readonly string[] | undefined =>
      report.chains.find((chain) => chain.name === name)?.fallbacks.map(({ model }) => model)
    expect(["build", "plan", "general", "reviewer"].map(listOf)).toEqual([
      ["beta/two"],
      ["beta/two"],
      ["alpha/two"],
      ["beta/two", "alpha/two"],
    ])
  },
  limitMs,
)

test.if(hasOpenCode2)(
  "an OpenCode 2 that names no version, as a build from a branch does, is asked as version 2",
  async () => {
    await using home = await makeHome()
    await configure(home, {
      "opencode.jsonc": `{ ${base} }`,
      "understudy.jsonc": '{ "fallback_models": ["alpha/two"] }',
    })
    const local = join(home.path, "local-opencode")
    await Bun.write(
      local,
      `#!/bin/sh\n[ "$1" = --version ] && echo local && exit\nexec ${await binary2()} "$@"\n`,
    )
    await chmod(local, 0o755)
    const { stdout } = await runCli("node", home, ["doctor", "--json", "--opencode", local])
    const { opencode, catalog } = JSON.parse(stdout) as Report
    expect(opencode).toMatchObject({ version: null })
    expect(catalog).toMatchObject({ known: true, models: 3 })
  },
  limitMs,
)

test.if(hasOpenCode2)(
  "doctor names an agent whose list OpenCode 2 shows to no plugin, and a model that is not there",
  async () => {
    await using home = await makeHome()
    await configure(home, {
      "opencode.jsonc": `{ ${base.replace('"plugin": [', '"plugin": ["./adds-an-agent", ')} }`,
      "adds-an-agent/index.js": `export default { id: "adds-an-agent", setup: ({ agent }) =>
        agent.transform((agents) =>
          agents.update("added", (it) => { it.request.body.fallback_models = ["beta/two"] })) }`,
      "understudy.jsonc": '{ "fallback_models": ["alpha/two", "alpha/no-such-model"] }',
    })
    const { findings } = await doctor(home)
    expect(findings).toContainEqual(
      expect.objectContaining({ severity: "error", code: "unread-agent-list", where: "agent added" }),
    )
    expect(findings.map(({ code }) => code)).toContain("unknown-model")
  },
  limitMs,
)

test.if(hasOpenCode2)(
  "doctor answers where another program holds the port of the background service and no registry answers, and leaves no server behind",
  async () => {
    await using home = await makeHome()
    using taken = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("", { status: 401 }),
    })
    await configure(home, {
      "opencode.jsonc": `{ "plugin": ["opencode-understudy"], "model": "alpha/one", ${providers} }`,
      "understudy.jsonc": '{ "fallback_models": ["beta/two"] }',
      "service.json": JSON.stringify({ port: taken.port }),
    })
    const { findings, catalog } = await doctor(home, { npm_config_registry: "http://127.0.0.1:9/" })
    expect(catalog).toMatchObject({ known: true, models: 3 })
    expect(findings).toEqual([])
    expect((await Bun.$`pgrep -f ${home.path}/bin/opencode`.nothrow().text()).trim()).toBe("")
  },
  limitMs,
)

test.if(hasOpenCode2)(
  "a file that OpenCode 2 does without is what doctor names, not the models that are missing for it",
  async () => {
    await using home = await makeHome()
    await configure(home, {
      "opencode.json": '{ "provider": { "gamma": {} }',
      "understudy.jsonc": '{ "fallback_models": ["gamma/three"] }',
    })
    const report = await doctor(home, { OPENCODE_CONFIG_CONTENT: `{ ${base} }` })
    const found = report.findings.filter(({ severity }) => severity !== "info").map(({ code }) => code)
    expect(found).toEqual(["unreadable-file"])
    expect(report.catalog).toEqual({ known: false } as Report["catalog"])
  },
  limitMs,
)
