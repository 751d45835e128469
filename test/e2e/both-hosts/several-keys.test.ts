/** Several keys for one provider, of accounts that are not alike. */
import { expect } from "bun:test"
import {
  begin,
  errorFrame,
  gate,
  ping,
  reasoning,
  type RecordedRequest,
  status,
  type Step,
  stream,
  text,
  wait,
} from "../../simulator/index.ts"
import type { AnyHost } from "../harness/any-host.ts"
import { makeChains } from "../harness/chains.ts"
import { expectOver, expectUnnoticed, inFlightOnBothHosts, seen, wasLeft } from "../in-flight/unnoticed.ts"

const accounts = ["second", "third"] as const
const providers = Object.fromEntries(
  makeChains({}).map(({ primary }) => [
    primary.split("/", 1)[0],
    { keys: accounts.map((name) => `key-${name}`) },
  ]),
)

/** The small model is one of a provider with several keys as well. */
const small_model = makeChains({}).find(({ protocols }) => protocols.join() === "chat,gemini")?.primary ?? ""

const limited = status(429, { headers: { "retry-after": "900" } })
const notIts = {
  error: {
    message: "The encrypted content gAAA could not be verified.",
    type: "invalid_request_error",
    code: "invalid_encrypted_content",
  },
}
const refused = status(400, { body: notIts })

type Account = 1 | 2 | 3

function accountOf({ headers }: RecordedRequest): Account {
  const [, name] = /key-(second|third)/.exec(`${headers["authorization"]} ${headers["x-api-key"]}`) ?? []
  return name === "second" ? 2 : name === "third" ? 3 : 1
}

const asked = (host: AnyHost, model: string): readonly Account[] =>
  host.simulator.requests(model).map(accountOf)

/** Answers with the number of the account; of what a session holds the provider takes back only what that account has thought. */
const account =
  (answers: Partial<Record<Account, Step>> = {}) =>
  (request: RecordedRequest): Step => {
    const number = accountOf(request)
    return answers[number] ?? reasoning("Hm. ", `account ${number}`)
  }

const options = { opencode: { small_model }, understudy: { providers } }

inFlightOnBothHosts("keys of several accounts", options, (scenario) => {
  scenario("what one cannot read, the next one may: same model, same turn", async (host) => {
    const { agent, primary } = host.chain("responses", "anthropic")
    const session = await host.session()
    host.simulator.always(primary, account({ 1: text("account 1") }))
    await session.prompt("first", { agent })
    host.simulator.always(primary, account({ 1: limited, 2: refused, 3: text("taken") }))
    const replies = [await session.prompt("second", { agent }), await session.prompt("third", { agent })]
    expect(replies.map(seen)).toEqual(
      replies.map(() => ({ model: primary, text: "taken", error: undefined })),
    )
    expect(asked(host, primary)).toEqual([1, 1, 2, 3, 3])
    await expectUnnoticed(session, ["first", "second", "third"], primary)
    await host.waitForToast("the second key does not take this session, continuing with the third")
  })

  for (const [where, limit] of [
    ["a limit of the first", limited],
    [
      "one that is told in the begun answer",
      stream(begin(), ping(), errorFrame({ code: "rate_limit_exceeded", message: "Rate limit reached" })),
    ],
  ] as const)
    scenario(
      `where none can, the next model takes the turn, and other sessions keep their model: ${where}`,
      async (host) => {
        const { agent, primary, fallback } = host.chain("responses", "anthropic")
        const session = await host.session()
        host.simulator.always(primary, account())
        await session.prompt("first", { agent })
        host.simulator.always(primary, account({ 1: limit }))
        expect((await session.prompt("second", { agent })).model).toBe(fallback)
        expect(asked(host, primary)).toEqual([1, 1, 2, 3])
        await expectUnnoticed(session, ["first", "second"], primary)
        const other = await host.session()
        expect(seen(await other.prompt("hello", { agent }))).toMatchObject({
          model: primary,
          text: "account 2",
        })
        expect(asked(host, primary)).toEqual([1, 1, 2, 3, 2])
        // The one that rests may be well by now: nobody else can tell.
        expect((await session.prompt("third", { agent })).model).toBe(fallback)
        expect(asked(host, primary).slice(5)).toEqual([2, 3, 1])
      },
    )

  scenario("a session stays with the key that began it when the first one is back", async (host) => {
    const { agent, primary } = host.chain("responses", "chat")
    const session = await host.session()
    host.simulator.always(primary, account({ 1: limited }))
    await session.prompt("first", { agent })
    await session.command("understudy", "reset")
    host.simulator.always(primary, account())
    const replies = [await session.prompt("second", { agent }), await session.prompt("third", { agent })]
    expect(replies.map((reply) => reply.text)).toEqual(["account 2", "account 2"])
    expect(asked(host, primary)).toEqual([1, 2, 1, 2, 2])
  })

  for (const [protocol, error] of [
    ["chat", { code: 429, message: "Rate limit reached" }],
    ["responses", { code: "rate_limit_exceeded", message: "Rate limit reached" }],
    ["anthropic", { type: "rate_limit_error", message: "Rate limit reached" }],
  ] as const)
    scenario(`${protocol}: a limit that is told in the begun answer is the key's as well`, async (host) => {
      const { agent, primary } = host.chain(protocol, "chat")
      host.simulator.always(primary, account({ 1: stream(begin(), ping(), errorFrame(error)) }))
      const session = await host.session()
      expect(seen(await session.prompt("hello", { agent }))).toMatchObject({
        model: primary,
        text: "account 2",
      })
      expect(asked(host, primary)).toEqual([1, 2])
      const [one, two] = host.simulator.requests(primary)
      expect(two?.body).toEqual(one?.body ?? {})
      // On OpenCode 2, where the client has named the model.
      expect(session.events("session.model.selected")).toHaveLength(host.version - 1)
      await expectUnnoticed(session, ["hello"], primary)
    })

  scenario("a title comes from the next key", async (host) => {
    host.simulator.titles(account({ 1: limited, 2: text("a title") }))
    const session = await host.session({ title: undefined })
    await session.prompt("hello", { model: "gamma/m1" })
    await host.waitForEvent(({ properties }) => JSON.stringify(properties).includes('"title":"a title"'))
    const titles = host.simulator.requests(undefined, "title")
    expect(titles.map(({ model }) => model)).toEqual([small_model, small_model])
    expect(titles.map(accountOf)).toEqual([1, 2])
  })

  scenario("a summary comes from the next key: the compaction keeps its model", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "responses")
    const session = await host.session()
    await session.prompt("hello", { agent })
    host.simulator.always(primary, account({ 1: limited, 2: text("## Objective\n- to say hello") }))
    await session.compact()
    await session.compacted()
    expect(asked(host, primary)).toEqual([1, 1, 2])
    expect(asked(host, fallback)).toEqual([])
    expect(session.setbacks()).toEqual([])
  })

  scenario("Esc ends the wait for a first token, and no further key is asked", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const late = gate()
    const error = errorFrame({ code: 429, message: "Rate limit reached" })
    host.simulator.always(chain.primary, stream(begin(), wait(late), error))
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    expect(await wasLeft(host, chain.primary)).toBe(true)
    late.open()
    await expectOver(host, session, chain, [1, 0])
  })

  scenario("a request that is bad for every key ends the turn in the provider's words", async (host) => {
    const { agent, primary, fallback } = host.chain("responses", "gemini")
    const session = await host.session()
    const bad = status(400, { message: "max_output_tokens is too large" })
    host.simulator.always(primary, account({ 1: limited }))
    await session.prompt("first", { agent })
    host.simulator.always(primary, bad)
    await session.prompt("second", { agent })
    expect(await session.errorText()).toContain("max_output_tokens is too large")
    expect(host.simulator.requests(fallback)).toHaveLength(0)
  })
})
