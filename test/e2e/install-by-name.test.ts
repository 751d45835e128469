/** README's first lines, word for word, as OpenCode installs the package by its name. */
import { expect, test } from "bun:test"
import { parse } from "jsonc-parser"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { status, text } from "../simulator/index.ts"
import { snippetsOf } from "../unit/repository/marked-snippets.ts"
import { runCli, userEnvironment } from "./cli/run-cli.ts"
import type { Home } from "./harness/home.ts"
import type { HostOptions } from "./harness/index.ts"
import { startLocalRegistry } from "./harness/local-registry.ts"
import { serve2 } from "./harness/opencode2/host.ts"
import { hasOpenCode2 } from "./harness/opencode2/index.ts"
import { makeWorkplace, type Workplace } from "./harness/workplace.ts"

/** Versions of the package in OpenCode's cache. */
async function installed(home: Home): Promise<readonly string[]> {
  const cache = join(home.path, "cache/opencode")
  const paths = (await readdir(cache, { recursive: true })).filter((path) =>
    path.endsWith("node_modules/opencode-understudy/package.json"),
  )
  const manifests = paths.map(async (path): Promise<{ readonly version: string }> =>
    Bun.file(join(cache, path)).json(),
  )
  return (await Promise.all(manifests)).map(({ version }) => version)
}

const LIMIT_MS = 240_000

const own = "anthropic/claude-opus-4-5"
const fallback = "openai/gpt-5.2"

/** What stands in README's first block, and the models that it names. */
const readme = (): HostOptions => {
  const [first] = snippetsOf("README.md")
  return {
    plugin: parse(first?.text ?? "", [], { allowTrailingComma: true }).plugin,
    understudy: "{}",
    opencode: { model: own },
    providers: {
      anthropic: ["anthropic", "claude-opus-4-5"],
      openai: ["responses", "gpt-5.2"],
      google: ["gemini", "gemini-3.1-pro-preview"],
    },
  }
}

/** One turn of a new OpenCode in this home; gives what it said. */
type Turn = (workplace: Workplace) => Promise<string>

const turnOf1: Turn = async (workplace) => (await workplace.run(["hi"], { timeoutMs: LIMIT_MS })).stdout

const turnOf2: Turn = async ({ home }) => {
  await using served = await serve2(home, { agent: "build", hasPlugin: true })
  // OpenCode 2 installs in the background.
  while ((await served.plugins()).some(({ status }) => status !== "active" && status !== "failed"))
    await Bun.sleep(50)
  expect(await served.plugins()).toMatchObject([{ status: "active" }])
  return (await (await served.session()).prompt("hi", { agent: "build" })).text
}

const hosts: readonly (readonly [string, Turn])[] = [
  ["OpenCode 1", turnOf1],
  ...(hasOpenCode2 ? [["OpenCode 2", turnOf2] as const] : []),
]

test.each(hosts)(
  "%s installs the package by its name from a registry, a turn falls over, update and remove work",
  async (_, turn) => {
    await using registry = await startLocalRegistry()
    await registry.publish("0.2.0")
    await using workplace = await makeWorkplace({
      ...readme(),
      configFiles: { "tui.json": '{ "plugin": ["opencode-understudy"] } // mine\n' },
      environment: { npm_config_registry: registry.origin },
    })
    const { home, simulator } = workplace
    const read = (name: string): Promise<string> => Bun.file(join(home.config, name)).text()
    const run = (): Promise<string> => {
      simulator.script(own, [status(429)])
      simulator.script(fallback, [text("from the fallback")])
      return turn(workplace)
    }
    const command = async (...args: readonly string[]) =>
      runCli("node", home, args, {
        ...(await userEnvironment(home)),
        npm_config_registry: registry.origin,
      })

    expect(await run()).toContain("from the fallback")
    expect(await installed(home)).toEqual(["0.2.0"])

    await registry.publish("0.2.1")
    const asked = registry.asked.length
    // OpenCode 1 keeps its first copy of a bare name; version 2 looks for a newer one by itself.
    if (turn === turnOf1) {
      const { stdout: report } = await command("doctor")
      expect(report).toContain('OpenCode loads 0.2.0 ("opencode-understudy"); newest 0.2.1')
      expect(report).toContain("OpenCode loads 0.2.0; 0.2.1 is out.")
      // By the command alone: OpenCode, which it has started, has asked for nothing.
      expect(registry.asked.slice(asked)).toEqual(["/opencode-understudy/latest"])
      expect(await installed(home)).toEqual(["0.2.0"])
    }
    const before = await read("opencode.json")
    if (turn === turnOf1) {
      expect(await command("update")).toMatchObject({ exitCode: 4 })
      expect(await read("opencode.json")).toBe(before)
    }

    const updated = await command("update", "--yes")
    expect(updated.exitCode).toBe(0)
    expect(updated.stdout).toContain("Removed the old copy ")
    expect(await installed(home)).toEqual([])
    const pinned = before.replace('"opencode-understudy"', '"opencode-understudy@0.2.1"')
    expect(JSON.parse(pinned)).toMatchObject({ plugin: [["opencode-understudy@0.2.1", {}]] })
    expect(await read("opencode.json")).toBe(pinned)
    if (turn === turnOf1)
      expect((await command("update", "--yes")).stdout).toContain(
        "OpenCode's plugin lists already name 0.2.1.",
      )
    expect(await read("tui.json")).toBe('{ "plugin": ["opencode-understudy@0.2.1"] } // mine\n')
    expect(await run()).toContain("from the fallback")
    expect(await installed(home)).toEqual(["0.2.1"])

    const removed = await command("remove", "--yes")
    expect(removed.exitCode).toBe(0)
    // OpenCode's copy stays: without an entry nobody loads it.
    expect(removed.stdout).toMatch(/opencode-understudy@0\.2\.1\S* {2}OpenCode's copy of the package/)
    expect(await read("opencode.json")).not.toContain("opencode-understudy")
  },
  3 * LIMIT_MS,
)
