import { describe, expect } from "bun:test"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import {
  type ProtocolName,
  type RecordedRequest,
  status,
  type Step,
  text,
  textThenError,
} from "../simulator/index.ts"
import { makeChains } from "./harness/chains.ts"
import { type Host, scenarios } from "./harness/index.ts"

/** OpenCode's own key of each provider comes first; these stand in our settings. */
const second = "planted-second-key-0123456789"
const third = "planted-third-key-0123456789"
const environment = { UNDERSTUDY_SECOND: second, UNDERSTUDY_THIRD: third }
const keys = ["{env:UNDERSTUDY_SECOND}", "{env:UNDERSTUDY_THIRD}"]

const limited = status(429, {
  headers: { "retry-after": "900" },
  message: "Rate limit reached, try again in 900s",
})
const dead = status(401, { message: "invalid api key" })
const outOfCredit = status(402, { message: "insufficient credits" })

/** Which of the three keys a request bears, wherever it stands. */
function keyOf({ headers, query }: RecordedRequest): 1 | 2 | 3 {
  const borne = `${headers["authorization"]} ${headers["x-api-key"]} ${headers["api-key"]} ${headers["x-goog-api-key"]} ${query}`
  return borne.includes(second) ? 2 : borne.includes(third) ? 3 : 1
}

/** A provider that answers by the key that it is asked with. */
const byKey =
  (answers: Readonly<Partial<Record<1 | 2 | 3, Step>>>) =>
  (request: RecordedRequest): Step =>
    answers[keyOf(request)] ?? text(`key ${keyOf(request)} answers`)

const askedKeys = (host: Host, model: string): readonly number[] => host.simulator.requests(model).map(keyOf)

/** An agent on one model, with a fallback at another provider. */
const agent = (model: string) => ({ mode: "primary", model })
const fallbacks = { fallback_models: ["gamma/m30"] }

/** A chain's primary has a provider of its own. */
const providersOf = (shape?: readonly ProtocolName[]): readonly string[] =>
  makeChains({})
    .filter(({ protocols }) => shape === undefined || protocols.join() === shape.join())
    .map(({ primary }) => providerOf(primary))
const providerOf = (model: string): string => model.split("/", 1)[0] ?? ""
const each = (providers: readonly string[], given: object): Readonly<Record<string, object>> =>
  Object.fromEntries(providers.map((provider) => [provider, given]))

const withHeader: readonly ProtocolName[] = ["chat", "chat"]
const withQuery: readonly ProtocolName[] = ["chat", "chat", "anthropic"]
const withLogin: readonly ProtocolName[] = ["anthropic", "chat"]

const scenario = scenarios({
  environment,
  opencode: {
    agent: {
      bearer: agent("alpha/m1"),
      responses: agent("beta/m1"),
      anthropic: agent("gamma/m1"),
      gemini: agent("delta/m1"),
    },
    provider: {
      ...each(providersOf(withHeader), { options: { headers: { "api-key": "first" } } }),
      ...each(providersOf(withQuery), { options: { apiKey: "", queryParams: { key: "first" } } }),
      ...each(providersOf(withLogin), { options: { apiKey: "sk-ant-oat01-login" } }),
    },
  },
  understudy: {
    agents: {
      bearer: fallbacks,
      responses: fallbacks,
      anthropic: { fallback_models: ["alpha/m30"] },
      gemini: fallbacks,
    },
    providers: each(["alpha", "beta", "gamma", "delta", ...providersOf()], { keys }),
  },
})

describe("another key first: the same request, the same model, the same step", () => {
  for (const [name, model, failure, words] of [
    ["bearer", "alpha/m1", limited, "the first key's limit is reached, continuing with the second."],
    ["responses", "beta/m1", dead, "the first key was rejected, continuing with the second."],
    ["anthropic", "gamma/m1", outOfCredit, "the first key is out of credit, continuing with the second."],
    ["gemini", "delta/m1", limited, "the first key's limit is reached, continuing with the second."],
  ] as const)
    scenario(`${name}: ${words}`, async (host) => {
      const provider = providerOf(model)
      host.simulator.always(model, byKey({ 1: failure }))
      const session = await host.session()
      const reply = await session.prompt("hi", { agent: name })
      expect(reply).toMatchObject({ model, text: "key 2 answers" })
      expect(askedKeys(host, model)).toEqual([1, 2])
      const [one, two] = host.simulator.requests(model)
      expect(two?.body).toEqual(one?.body ?? {})
      expect((await host.waitForToast(provider)).message).toBe(`${provider}: ${words}`)
      // The next request starts with the key that is well.
      await session.prompt("again", { agent: name })
      expect(askedKeys(host, model)).toEqual([1, 2, 2])
      expect(host.toasts(provider)).toHaveLength(1)
      expect(session.sessionErrors()).toEqual([])
    })

  scenario("/understudy names each key by its number", async (host) => {
    const session = await host.session()
    const { text: answer } = await session.command("understudy", "status", { agent: "bearer" })
    expect(answer).toMatch(
      /- alpha: key 1: rate limit reached, back in \d+ min[^;]*; key 2: ready; key 3: ready/,
    )
  })
})

describe("where another key is no help", () => {
  scenario("all keys gone: then the next model, with both kinds of news", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, byKey({ 1: limited, 2: dead, 3: outOfCredit }))
    const reply = await (await host.session()).prompt("hi", { agent })
    expect(reply.model).toBe(fallback)
    expect(askedKeys(host, primary)).toEqual([1, 2, 3])
    await host.waitForToast("the second key was rejected, continuing with the third")
    await host.waitForToast(`Continuing with ${fallback}`)
  })

  for (const [title, protocol, answer] of [
    [
      "a stream that breaks after its first token is not sent again with another key",
      "responses",
      textThenError("half", { code: "rate_limit_exceeded", message: "Rate limit reached" }),
    ],
    ["an overloaded model is as overloaded for the next key", "gemini", status(503)],
  ] as const)
    scenario(title, async (host) => {
      const { agent, primary, fallback } = host.chain(protocol, "anthropic")
      host.simulator.always(primary, byKey({ 1: answer }))
      const reply = await (await host.session()).prompt("hi", { agent })
      expect(reply.model).toBe(fallback)
      expect(askedKeys(host, primary)).toEqual([1])
    })
})

describe("other places for a key", () => {
  scenario("api-key, as Azure wants it", async (host) => {
    const { agent, primary } = host.chain(...withHeader)
    host.simulator.always(primary, byKey({ 1: limited }))
    const reply = await (await host.session()).prompt("hi", { agent })
    expect(reply.text).toBe("key 2 answers")
    expect(host.simulator.requests(primary).map(({ headers }) => headers["api-key"])).toEqual([
      "first",
      second,
    ])
  })

  scenario("?key= in the address", async (host) => {
    const { agent, primary } = host.chain(...withQuery)
    host.simulator.always(primary, byKey({ 1: limited }))
    const reply = await (await host.session()).prompt("hi", { agent })
    expect(reply.text).toBe("key 2 answers")
    const queries = host.simulator.requests(primary).map(({ query }) => query)
    expect(queries).toEqual(["key=first", `key=${second}`])
  })

  scenario("a login is left alone: the next model takes the turn", async (host) => {
    const { agent, primary, fallback } = host.chain(...withLogin)
    host.simulator.always(primary, byKey({ 1: limited }))
    const reply = await (await host.session()).prompt("hi", { agent })
    expect(reply.model).toBe(fallback)
    expect(askedKeys(host, primary)).toEqual([1])
  })
})

scenario("the planted keys are nowhere in what we and OpenCode write", async (host) => {
  const logs = await host.logs()
  const folders = ["state", "data", "cache", "project"].map((name) => join(host.home.path, name))
  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder, { recursive: true }).catch(() => [])
      return Promise.all(
        names.map(async (name) => {
          const content = await Bun.file(join(folder, name))
            .text()
            .catch(() => "")
          return [{ name, content }]
        }),
      )
    }),
  )
  const holding = (text: string): readonly string[] =>
    files.flat(2).flatMap(({ name, content }) => (content.includes(text) ? [name] : []))
  // What the requests and the settings held is there to be found.
  expect(holding("key 2 answers").length).toBeGreaterThan(0)
  expect(holding("planted-")).toEqual([])
  expect(logs).not.toContain("planted-")
  expect(JSON.stringify(host.toasts())).not.toContain("planted-")
})
