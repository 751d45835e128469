import { describe, expect, test } from "bun:test"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { errorFrame, pause, say, status, stream, toolCall } from "../../simulator/index.ts"
import { type AnyHost, type HostOptions, startHost, untilLogged } from "../harness/index.ts"
import { hasOpenCode2, startHost2 } from "../harness/opencode2/index.ts"

/** What must never stand in anything that we write. Each is planted where such a thing really occurs. */
const secrets = {
  "the key of a provider of the harness": "key-of-",
  "an API key": "planted-key-4c1f",
  "the key that a provider repeats in its error": "planted-echo-77ab",
  "a prompt": "planted-prompt-91d2",
  "what a tool said": "planted-tool-output-05e8",
  "what a model said": "planted-reply-b3c6",
  "a system prompt": "planted-system-2d70",
  "the password of a store": "planted-store-password-e1a9",
  "the password in a provider's address": "planted-address-password-6f54",
} as const

const stateFolder = (host: AnyHost): string => join(host.home.path, "state/opencode-understudy")

/** Everything of ours, by place: log lines, toasts, and each file of the store, byte by byte. */
async function ourWritings(host: AnyHost): Promise<Readonly<Record<string, string>>> {
  const folder = stateFolder(host)
  const names = await readdir(folder).catch(() => [])
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await Bun.file(join(folder, name)).text()] as const)),
  )
  // On OpenCode 2 we have a log of our own; its own log names the folder of this test beside commands and all else.
  const lines = (await host.logs()).split("\n").filter((line) => /understudy/i.test(line))
  const log = host.version === 1 ? lines.join("\n") : (files["opencode-2.log"] ?? "")
  return { ...files, log, toasts: JSON.stringify(host.toasts()) }
}

function leaksIn(writings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(secrets).flatMap(([what, secret]) =>
    Object.entries(writings).flatMap(([place, content]) =>
      content.includes(secret) ? [`${what} in: ${place}`] : [],
    ),
  )
}

/** The folder, as `.`, and each file in it. */
async function modesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const paths = [".", ...(await readdir(folder))]
  const mode = async (path: string) => ((await stat(join(folder, path))).mode & 0o777).toString(8)
  return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await mode(path)] as const)))
}

const ownOnly = (path: string): string => (path === "." ? "700" : "600")

/** Nobody is there, and the address holds a password. */
const walled = {
  npm: "@ai-sdk/openai-compatible",
  options: {
    baseURL: `http://me:${secrets["the password in a provider's address"]}@127.0.0.1:9/v1`,
    apiKey: secrets["an API key"],
  },
  models: { one: { name: "walled/one", tool_call: true, limit: { context: 200_000, output: 32_000 } } },
}

/** Failures of every sort, with the secrets in what the provider says about them. */
async function failInEveryWay(host: AnyHost): Promise<void> {
  const key = secrets["the key that a provider repeats in its error"]
  const prompt = secrets["a prompt"]
  const message = `Incorrect API key provided: ${key}. You said: ${prompt}. Authorization: Bearer ${key}`
  const headers = { "x-request-id": key, "www-authenticate": `Bearer ${key}` }
  const failures = [
    status(401, { message, headers }),
    status(429, { message, headers }),
    status(500, { body: `<html>${message}</html>` }),
    status(200, { body: { error: { message, code: 529 } } }),
    status(418, { message }),
    stream(say(secrets["what a model said"]), errorFrame({ message })),
    stream(say(secrets["what a model said"]), errorFrame({ json: { [key]: message } })),
  ]
  for (const failure of failures) {
    const { agent, primary } = host.chain("chat", "anthropic")
    const command = `echo ${secrets["what a tool said"]}`
    host.simulator.script(primary, [toolCall(...host.tools.shell(command)), failure, failure])
    const session = await host.session()
    await session.prompt(prompt, { agent })
  }
}

const hosts: readonly (readonly [string, (options?: HostOptions) => Promise<AnyHost>])[] = [
  ["OpenCode 1", startHost],
  ...(hasOpenCode2 ? [["OpenCode 2", startHost2] as const] : []),
]

describe.each(hosts)("%s", (_, start) => {
  test("what we write holds no key, no password, no prompt, no reply and no tool output, whatever a provider says", async () => {
    await using host = await start({
      opencode: { provider: { walled } },
      understudy: {
        models: { "walled/one": { fallback_models: ["alpha/one"] } },
        runtime_fallback: {
          log_level: "debug",
          // What is wrong is complained about, and must not be repeated.
          store: `redis:/me:${secrets["the password of a store"]}@db/0`,
          apiKey: secrets["an API key"],
        },
      },
      files: { "AGENTS.md": secrets["a system prompt"] },
    })
    await failInEveryWay(host)
    const reply = await (await host.session()).prompt("hello", { model: "walled/one" })
    expect(reply.model).toBe("alpha/one")
    await host.waitForToast("walled/one")
    await untilLogged(host, /walled\/one: the connection failed/)
    const writings = await ourWritings(host)
    // The places are there and filled: an empty one would prove nothing.
    expect(writings["log"]).toContain("Continuing with")
    expect(writings["log"]).toContain("apiKey")
    expect(writings["toasts"]).toContain("Continuing with")
    expect(writings["toasts"]).toContain("settings")
    expect(Object.keys(writings)).toContain("health.sqlite")
    expect(leaksIn(writings)).toEqual([])
    // And can be read by nobody else.
    const modes = await modesOf(stateFolder(host))
    expect(modes).toEqual(Object.fromEntries(Object.keys(modes).map((path) => [path, ownOnly(path)])))
  })

  describe("settings", () => {
    test("of a project can neither lift the user's prohibitions, nor cause a failover, nor hide one, nor replace the store, whose password is not told", async () => {
      await using host = await start({
        understudy: {
          agents: {},
          fallback_models: ["alpha/one"],
          allow_models: ["alpha/*", "beta/*"],
          providers: { beta: { allow_fallback: false } },
          // Nobody is there: it is complained about.
          runtime_fallback: { store: `redis://me:${secrets["the password of a store"]}@127.0.0.1:9/0` },
        },
        files: {
          ".opencode/understudy.jsonc": JSON.stringify({
            runtime_fallback: {
              first_token_timeout_seconds: 0.001,
              cooldown_seconds: 604_800,
              notify_on_fallback: false,
              store: "redis://127.0.0.1:1",
            },
            allow_models: ["*"],
            providers: { beta: { allow_fallback: true } },
            fallback_models: ["beta/one", "alpha/two"],
          }),
        },
      })
      const [model = ""] = host.models(1)
      const session = await host.session()
      host.simulator.script(model, [stream(pause(80), say("slow but well"))])
      expect(await session.prompt("hello", { model })).toMatchObject({ model })
      host.simulator.script(model, [status(429)])
      expect(await session.prompt("again", { model })).toMatchObject({ model: "alpha/two" })
      expect(host.simulator.requests("beta/one")).toEqual([])
      expect((await host.waitForToast("alpha/two")).message).not.toContain("7 d")
      const log = await untilLogged(host, /may choose models[^]*may choose models/)
      expect(log.match(/may choose models/g)).toHaveLength(2)
      await untilLogged(host, /store \S+@127\.0\.0\.1:9\/0: not reachable/)
      expect(leaksIn(await ourWritings(host))).toEqual([])
    })
  })
})

// Both versions read them with the same code; that each knows whose they are stands above.
test("no value of the settings is loaded, run or expanded, no name means an object of JavaScript's own, no pattern hangs", async () => {
  const foreign = JSON.stringify({ fallback_models: ["beta/one"] })
  await using host = await startHost({
    files: { "evil.ts": `await Bun.write(import.meta.dir + "/was-run", "")` },
    environment: { PLANTED: secrets["an API key"] },
    understudy: `{
      "__proto__": ${foreign}, "models": { "__proto__": ${foreign} },
      "agents": { "__proto__": ${foreign}, "constructor": ${foreign} },
      ${JSON.stringify({
        $schema: "./evil.ts",
        runtime_fallback: {
          store: "./evil.ts",
          log_level: "$(touch was-run)",
          // JavaScript's own engine would search for minutes.
          retry_on_patterns: ["(a+)+$", "(x|x)*y", "[^]*[^]*([^]|[^])([^]|[^])y", "worn"],
        },
        fallback_models: ["{env:PLANTED}/one", "{file:./evil.ts}/one", "$(touch was-run)/one", "alpha/one"],
      }).slice(1)}`,
  })
  const [model = ""] = host.models(1)
  host.simulator.script(model, [status(418, { message: `${"a".repeat(990)}! worn out` })])
  const reply = await (await host.session()).prompt("hello", { model })
  expect(reply.model).toBe("alpha/one")
  expect(host.simulator.requests("beta/one")).toEqual([])
  expect(await readdir(host.home.project)).toEqual(["evil.ts"])
  expect(leaksIn(await ourWritings(host))).toEqual([])
})
