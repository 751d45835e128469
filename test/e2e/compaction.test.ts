import { describe, expect } from "bun:test"
import { repeat, status, text } from "../simulator/index.ts"
import { scenarios } from "./harness/index.ts"

describe("a compaction whose model fails", () => {
  const scenario = scenarios()

  for (const [what, failure] of [
    ["is rate limited for an hour", status(429, { headers: { "retry-after": "3600" } })],
    ["is refused for good", status(401)],
  ] as const)
    scenario(
      `is repeated on the chain's next model when it ${what}, and the context survives`,
      async (host) => {
        const chain = host.chain("chat", "anthropic")
        host.simulator.script(chain.primary, [text("I know: the word is plum"), repeat(failure)])
        host.simulator.script(chain.fallback, [text("SUMMARY: the word is plum"), text("it is plum")])
        const session = await host.session()
        await session.prompt("the word is plum", { agent: chain.agent })
        session.summarize(chain.primary).catch(() => undefined)
        await session.waitForEvent("session.compacted", 15_000)
        await session.idle(2)
        const reply = await session.prompt("which word?", { agent: chain.agent })
        expect(reply.text).toBe("it is plum")
        const asked = JSON.stringify(host.simulator.requests(chain.fallback).at(-1)?.body)
        expect(asked.includes("SUMMARY: the word is plum")).toBe(true)
        expect(host.simulator.requests(chain.primary)).toHaveLength(2)
        expect((await host.waitForToasts(chain.primary)).map((toast) => toast.variant)).toEqual(["warning"])
      },
    )

  scenario("is left to OpenCode when nobody can take over, and the session goes on", async (host) => {
    const chain = host.chain("chat")
    host.simulator.script(chain.primary, [text("hello"), status(401), text("still here")])
    const session = await host.session()
    await session.prompt("hi", { agent: chain.agent })
    session.summarize(chain.primary).catch(() => undefined)
    await session.waitForEvent("session.error")
    await session.idle(2)
    const reply = await session.prompt("again", { agent: chain.agent })
    expect(reply.text).toBe("still here")
  })
})
