import { expect, test } from "bun:test"
import { newSessionID } from "../../../../script/bench/bench-engine.ts"
import { openEngine1 } from "../../../../script/bench/engine-1.ts"
import { openEngine2 } from "../../../../script/bench/engine-2.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"

const answer = `data: {"choices":[{"index":0,"delta":{"content":"hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`

for (const [name, open] of [
  ["OpenCode 1", openEngine1],
  ["OpenCode 2", openEngine2],
] as const) {
  test(`the benchmark's turn of ${name} goes through the engine as it is now`, async () => {
    const asked: string[] = []
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        asked.push(new URL(request.url).pathname)
        return new Response(answer, { headers: { "content-type": "text/event-stream" } })
      },
    })
    const engine = await open(createMemoryStore({ now: Date.now }))
    await engine.turn(newSessionID(), `http://127.0.0.1:${server.port}/v1/chat/completions`)
    await engine.dispose()
    expect(asked).toEqual(["/v1/chat/completions"])
  })
}
