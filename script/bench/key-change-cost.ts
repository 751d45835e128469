import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createAccountSend } from "../../src/accounts/account-send.ts"
import { createKeyHealth } from "../../src/accounts/key-health.ts"
import { createOwnFaults } from "../../src/host/own-fault.ts"
import { createSqliteStore } from "../../src/store/sqlite-store.ts"
import type { Send } from "../../src/transport/fetch-wrapper.ts"
import { median } from "./statistics.ts"

const bodyBytes = 200_000

/**
 * From a key's 429 to the request with the next key, what of it is our own: the error is read and judged, the key's
 * rest is written into the shared file, the request is made anew. Milliseconds, the median.
 */
export async function measureKeyChange(pace: "full" | "quick"): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "understudy-bench-"))
  const store = createSqliteStore({
    path: join(folder, "health.sqlite"),
    now: Date.now,
    log: () => undefined,
  })
  const cooldown = { baseMs: 60_000, multiplier: 2, maxMs: 3_600_000 }
  const accountSend = createAccountSend({
    furtherKeys: () => [{ key: "second", number: 2 }],
    health: createKeyHealth({ store, cooldown, now: Date.now, random: () => 0 }),
    limits: { seen: () => undefined },
    keyChanged: () => undefined,
    faults: createOwnFaults({
      log: (_, text) => {
        throw new Error(text)
      },
    }),
    now: Date.now,
  })
  const body = JSON.stringify({ messages: "x".repeat(bodyBytes) })
  const init = { method: "POST", body, headers: { authorization: "Bearer first" } }
  const times: number[] = []
  for (let sample = 0; sample < (pace === "quick" ? 50 : 300); sample += 1) {
    let failedAt: number | undefined
    const send: Send = () => {
      if (failedAt !== undefined) {
        times.push(performance.now() - failedAt)
        return Promise.resolve(new Response("fine"))
      }
      failedAt = performance.now()
      const error = '{"error":{"type":"rate_limit_error","message":"Rate limit reached"}}'
      return Promise.resolve(new Response(error, { status: 429, headers: { "retry-after": "60" } }))
    }
    // Each sample has a provider of its own: a key that has failed rests and would not be asked again.
    const request = { sessionID: "bench", model: `provider-${sample}/model` } as const
    await accountSend(request, send)("https://provider.example/v1", init)
  }
  await store.close()
  await rm(folder, { recursive: true, force: true })
  return median(times)
}
