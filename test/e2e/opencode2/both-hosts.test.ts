/** OpenCode 1 and OpenCode 2 on one machine: what the one has met, the other knows. */
import { afterAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { status } from "../../simulator/index.ts"
import { startHost } from "../harness/index.ts"
import { hasOpenCode2, startHost2 } from "../harness/opencode2/index.ts"

const limitMs = 120_000
const state = await mkdtemp(join(tmpdir(), "understudy-shared-"))
afterAll(() => rm(state, { recursive: true, force: true }))

describe.if(hasOpenCode2)("an outage", () => {
  const options = {
    environment: { XDG_STATE_HOME: state },
    understudy: { runtime_fallback: { cooldown_seconds: 600 } },
  }

  test(
    "that the one host has seen costs the other no request, in both directions",
    async () => {
      await using first = await startHost(options)
      await using second = await startHost2(options)
      // Both hosts name their models alike; each has providers of its own.
      const [seenByFirst, seenBySecond] = [first.chain("chat", "anthropic"), first.chain("chat", "anthropic")]

      first.simulator.script(seenByFirst.primary, [status(429)])
      await (await first.session()).prompt("hello", { agent: seenByFirst.agent })
      const known = await (await second.session()).prompt("hello", { agent: seenByFirst.agent })
      expect(known).toMatchObject({ model: seenByFirst.fallback, error: undefined })
      expect(second.simulator.requests(seenByFirst.primary)).toHaveLength(0)

      second.simulator.script(seenBySecond.primary, [status(429)])
      await (await second.session()).prompt("hello", { agent: seenBySecond.agent })
      const reply = await (await first.session()).prompt("hello", { agent: seenBySecond.agent })
      expect(reply.model).toBe(seenBySecond.fallback)
      expect(first.simulator.requests(seenBySecond.primary)).toHaveLength(0)
    },
    limitMs,
  )
})
