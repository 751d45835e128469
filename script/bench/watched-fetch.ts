import { defaultSettings } from "../../src/config/schema.ts"
import { createEngine } from "../../src/opencode/v1/engine.ts"
import { createLentMessages } from "../../src/opencode/v1/lent-messages.ts"
import type { OpenCodeHost } from "../../src/opencode/v1/opencode-host.ts"
import { createMemoryStore } from "../../src/store/memory-store.ts"

/** Headers of requests as OpenCode makes them for steps of a turn; `fetch` is wrapped as long as this lives. */
export type WatchedFetch = AsyncDisposable & {
  /** Headers for the next request: with the marker, because the hooks have announced it. */
  headers(): Promise<Record<string, string>>
}

const sessionID = "ses_bench"
const model = { providerID: "bench", modelID: "bench" }
const message = { id: "msg_bench", sessionID, role: "user", agent: "build", model, time: { created: 0 } }

/** OpenCode's client, of which a healthy turn uses nothing. */
const unused = {} as Parameters<typeof createLentMessages>[0]

/** The plugin's engine around this process's own `fetch`, with an OpenCode that is never asked for anything. */
export async function watchFetch(): Promise<WatchedFetch> {
  const unexpected = (): Promise<never> => Promise.reject(new Error("no failure is expected here"))
  const host: OpenCodeHost = {
    ...createLentMessages(unused, () => undefined),
    setMinimum: () => undefined,
    isUp: () => undefined,
    lend: unexpected,
    replay: unexpected,
    abort: () => Promise.resolve(),
    catalog: () => Promise.resolve({ known: false }),
    toast: () => Promise.resolve(),
    log: () => undefined,
    summarize: () => Promise.resolve(),
  }
  const loaded = {
    settings: defaultSettings(),
    files: [],
    elsewhere: [],
    origin: () => Promise.resolve(undefined),
  }
  const store = createMemoryStore({ now: Date.now })
  const engine = await createEngine({ loaded, host, hostLimitMs: () => 0, overrides: { store } })
  // The hooks get OpenCode's own objects, of which they read only what stands here.
  const chatMessage = engine.hooks["chat.message"] as (input: unknown, output: unknown) => Promise<void>
  const chatHeaders = engine.hooks["chat.headers"] as (input: unknown, output: unknown) => Promise<void>
  await chatMessage({ sessionID, model }, { message, parts: [{ type: "text", text: "hello" }] })
  const npm = "@ai-sdk/openai-compatible"
  const request = {
    sessionID,
    agent: "build",
    model: { id: "bench", providerID: "bench", api: { npm } },
    message,
  }
  return {
    headers: async () => {
      const headers: Record<string, string> = { "content-type": "application/json" }
      await chatHeaders(request, { headers })
      if (Object.keys(headers).length === 1) throw new Error("the request was not announced")
      return headers
    },
    [Symbol.asyncDispose]: () => engine.dispose(),
  }
}
