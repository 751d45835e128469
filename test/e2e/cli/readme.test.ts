import { expect, test } from "bun:test"
import { join } from "node:path"
import { version } from "../../../package.json"
import { snippetsOf } from "../../unit/repository/marked-snippets.ts"
import { makeHome } from "../harness/home.ts"
import { startLocalRegistry } from "../harness/local-registry.ts"
import { configure, runCli, userEnvironment } from "./run-cli.ts"

test("README's first lines, copied into a fresh home, pass the doctor and protect every agent", async () => {
  // The models that README names are those of models.dev.
  await using home = await makeHome({ OPENCODE_MODELS_PATH: undefined })
  await using registry = await startLocalRegistry()
  await registry.publish(version)
  const [first] = snippetsOf("README.md")
  expect(first?.file).toBe("opencode.json")
  await configure(home, { "opencode.json": first?.text ?? "" })
  const environment = {
    ...(await userEnvironment(home)),
    npm_config_registry: registry.origin,
    ANTHROPIC_API_KEY: "none",
    OPENAI_API_KEY: "none",
    GOOGLE_GENERATIVE_AI_API_KEY: "none",
  }
  const { exitCode, stdout } = await runCli("node", home, ["doctor", "--json"], environment)
  const { findings, chains } = JSON.parse(stdout) as {
    readonly findings: readonly { readonly severity: string; readonly code: string }[]
    readonly chains: readonly {
      readonly name: string
      readonly fallbacks: readonly { readonly isUsable: boolean }[]
    }[]
  }
  expect(findings.filter(({ severity }) => severity !== "info")).toEqual([])
  expect(exitCode).toBe(0)
  expect(chains.map(({ name }) => name)).toEqual(["build", "plan", "general", "explore"])
  for (const { fallbacks } of chains) expect(fallbacks.map(({ isUsable }) => isUsable)).toEqual([true, true])
  expect(await Bun.file(join(home.config, "opencode.json")).text()).toContain("opencode-understudy")
})
