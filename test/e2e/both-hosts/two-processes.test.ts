import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ProtocolName, status, text, toolCall } from "../../simulator/index.ts"
import { type AnyHost, type Chain, startHost } from "../harness/index.ts"
import { hasOpenCode2, startHost2 } from "../harness/opencode2/index.ts"
import { expectUnnoticed } from "../in-flight/unnoticed.ts"

/** Each has a project, a server and a simulator of its own: who asked whom is certain. All have one folder for what lasts. */
const hosts: AnyHost[] = []
let state: string

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "understudy-state-"))
  const options = { environment: { XDG_STATE_HOME: state } }
  for (const start of [startHost, hasOpenCode2 ? startHost2 : startHost]) hosts.push(await start(options))
})

afterAll(async () => {
  await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()))
  await rm(state, { recursive: true, force: true })
})

function hostAt(place: number): AnyHost {
  const host = hosts[place]
  if (!host) throw new Error("OpenCode did not start: see beforeAll")
  return host
}

/** The same chain in all. */
function sharedChain(...protocols: readonly ProtocolName[]): Chain {
  const [, chain] = hosts.map((host) => host.chain(...protocols))
  if (!chain) throw new Error("OpenCode did not start: see beforeAll")
  return chain
}

async function ask(host: AnyHost, agent: string): Promise<string> {
  const session = await host.session()
  return (await session.prompt("hello", { agent })).model
}

/** By their places in `hosts`. What each version writes, the other reads. */
const pairs: readonly (readonly [title: string, left: number, right: number])[] = hasOpenCode2
  ? [
      ["OpenCode 1 and OpenCode 2", 0, 1],
      ["OpenCode 2 and OpenCode 1", 1, 0],
    ]
  : [["OpenCode 1 and another", 0, 1]]

test("what a server met costs its own `opencode run` no request", async () => {
  // What an `opencode run` of version 1 met its server knows: see `in-flight/one-message.test.ts`.
  const host = hostAt(1)
  const { agent, primary, fallback } = sharedChain("chat", "gemini")
  host.simulator.script(primary, [status(429, { headers: { "retry-after": "600" } })])
  expect(await ask(host, agent)).toBe(fallback)
  const { stdout } = await host.run(["hello"], { agent, model: primary })
  expect(stdout.trim()).toBe(`${fallback} says hello`)
  expect(host.simulator.requests(primary)).toHaveLength(1)
})

describe.each(pairs)("%s", (_, leftAt, rightAt) => {
  let left: AnyHost
  let right: AnyHost

  beforeAll(() => {
    left = hostAt(leftAt)
    right = hostAt(rightAt)
  })

  for (const { title, step } of [
    { title: "a 429", step: status(429, { headers: { "retry-after": "60" } }) },
    { title: "an overload", step: status(529) },
    { title: "an empty wallet", step: status(402) },
  ])
    test(`${title} that one process met costs the other no request`, async () => {
      const { agent, primary, fallback } = sharedChain("chat", "anthropic")
      left.simulator.script(primary, [step])
      expect(await ask(left, agent)).toBe(fallback)
      expect(await ask(right, agent)).toBe(fallback)
      expect(right.simulator.requests(primary)).toEqual([])
      expect(right.simulator.requests(fallback)).toHaveLength(1)
    })

  test("a dead key that one process met keeps the other from all models of that provider", async () => {
    const { agent, models } = sharedChain("chat", "chat", "anthropic")
    const [first = "", second = "", third = ""] = models
    left.simulator.script(first, [status(401)])
    expect(await ask(left, agent)).toBe(third)
    expect(await ask(right, agent)).toBe(third)
    expect([first, second].flatMap((model) => right.simulator.requests(model))).toEqual([])
  })

  test("a turn that is under way moves at its next step", async () => {
    const { agent, primary, fallback } = sharedChain("chat", "anthropic")
    // The tool waits for the file that says that the other process has met the failure.
    const file = join(right.home.project, `go-on-${agent}`)
    const command = `touch ${file}.waiting; until test -e ${file}; do sleep 0.05; done`
    right.simulator.script(primary, [toolCall(...right.tools.shell(command))])
    right.simulator.script(fallback, [text("went on")])
    left.simulator.script(primary, [status(503, { headers: { "retry-after": "60" } })])
    const session = await right.session()
    const reply = session.prompt("hello", { agent })
    while (!(await Bun.file(`${file}.waiting`).exists())) await Bun.sleep(20)
    expect(await ask(left, agent)).toBe(fallback)
    await Bun.write(file, "")
    expect(await reply).toMatchObject({ model: fallback, text: "went on" })
    expect(right.simulator.requests(primary)).toHaveLength(1)
    await expectUnnoticed(session)
  })

  test("a model that is well for both is asked by both", async () => {
    const { agent, primary } = sharedChain("chat", "anthropic")
    expect([await ask(left, agent), await ask(right, agent)]).toEqual([primary, primary])
  })
})
