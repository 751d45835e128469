import { expect, test } from "bun:test"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { status, text } from "../simulator/index.ts"
import { runCli, userEnvironment } from "./cli/run-cli.ts"
import type { Home } from "./harness/home.ts"
import { startLocalRegistry } from "./harness/local-registry.ts"
import { makeWorkplace } from "./harness/workplace.ts"

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

const LIMIT_MS = 120_000

test(
  "OpenCode installs the package by its name from a registry, a turn falls over, update and remove work",
  async () => {
    await using registry = await startLocalRegistry()
    await registry.publish("0.2.0")
    await using workplace = await makeWorkplace({
      plugin: ["opencode-understudy"],
      environment: { npm_config_registry: registry.origin },
    })
    const { home, simulator } = workplace
    const chain = workplace.chain("chat", "anthropic")
    const run = async (): Promise<string> => {
      simulator.script(chain.primary, [status(429)])
      simulator.script(chain.fallback, [text("from the fallback")])
      const options = { agent: chain.agent, timeoutMs: LIMIT_MS }
      return (await workplace.run(["hi"], options)).stdout
    }
    const command = async (...args: readonly string[]) =>
      runCli("node", home, args, {
        ...(await userEnvironment(home)),
        npm_config_registry: registry.origin,
      })

    expect(await run()).toContain("from the fallback")
    expect(await installed(home)).toEqual(["0.2.0"])

    await registry.publish("0.2.1")
    expect(await command("update", "--yes")).toMatchObject({ exitCode: 0 })
    expect(await run()).toContain("from the fallback")
    expect(await installed(home)).toEqual(["0.2.1"])

    expect(await command("remove", "--yes")).toMatchObject({ exitCode: 0 })
    // OpenCode's copy may stay: without an entry nobody loads it.
    const config = await Bun.file(join(home.config, "opencode.json")).text()
    expect(config).not.toContain("opencode-understudy")
  },
  3 * LIMIT_MS,
)
