import { defaultSettings } from "../../src/config/schema.ts"
import { modelKey } from "../../src/core/model-ref.ts"
import { createEngine } from "../../src/opencode/v1/engine.ts"
import { createLentMessages } from "../../src/opencode/v1/lent-messages.ts"
import type { OpenCodeHost } from "../../src/opencode/v1/opencode-host.ts"
import { createMemoryStore } from "../../src/store/memory-store.ts"
import type { Store } from "../../src/store/store.ts"

/** The plugin's engine around this process's own `fetch`, told what OpenCode tells of its turns. */
export type OpenEngine = {
  /** A message of the user opens a turn. */
  readonly begin: (sessionID: string) => Promise<{ readonly message: { readonly id: string } }>
  /** Headers for the turn's next request: with the marker, because the hooks have announced it. */
  readonly headers: (sessionID: string) => Promise<Record<string, string>>
  readonly event: (type: string, properties: object) => Promise<void>
  readonly dispose: () => Promise<void>
}

/** Headers of requests as OpenCode makes them for steps of a turn; `fetch` is wrapped as long as this lives. */
export type WatchedFetch = AsyncDisposable & {
  headers(): Promise<Record<string, string>>
}

const model = { providerID: "bench", modelID: "bench" }

const messageOf = (sessionID: string) => ({
  id: `msg_${sessionID}`,
  sessionID,
  role: "user",
  agent: "build",
  model,
  time: { created: 0 },
})

/** OpenCode's client, of which a healthy turn uses nothing. */
const unused = {} as Parameters<typeof createLentMessages>[0]

/** An engine with an OpenCode that is never asked for anything. */
export async function openEngine(store: Store): Promise<OpenEngine> {
  const unexpected = (): Promise<never> => Promise.reject(new Error("no failure is expected here"))
  const host: OpenCodeHost = {
    ...createLentMessages(unused, () => undefined),
    setMinimum: () => undefined,
    isUp: () => undefined,
    remove: unexpected,
    lend: unexpected,
    replay: unexpected,
    abort: () => Promise.resolve(),
    catalog: () => Promise.resolve({ known: false }),
    toast: () => Promise.resolve(),
    log: () => undefined,
    summarize: () => Promise.resolve(),
  }
  const loaded = {
    settings: {
      ...defaultSettings(),
      fallback_models: [{ model: modelKey({ ...model, modelID: "other" }) }],
    },
    files: [],
    elsewhere: [],
    origin: () => Promise.resolve(undefined),
  }
  const engine = await createEngine({ loaded, host, hostLimitMs: () => 0, overrides: { store } })
  // The hooks get OpenCode's own objects, of which they read only what stands here.
  const chatMessage = engine.hooks["chat.message"] as (input: unknown, output: unknown) => Promise<void>
  const chatHeaders = engine.hooks["chat.headers"] as (input: unknown, output: unknown) => Promise<void>
  const onEvent = engine.hooks.event as (input: unknown) => Promise<void>
  const npm = "@ai-sdk/openai-compatible"
  return {
    begin: async (sessionID) => {
      const message = messageOf(sessionID)
      await chatMessage({ sessionID, model }, { message, parts: [{ type: "text", text: "hello" }] })
      return { message }
    },
    headers: async (sessionID) => {
      const headers: Record<string, string> = { "content-type": "application/json" }
      const message = messageOf(sessionID)
      const request = { sessionID, agent: "build", model: { id: "bench", providerID: "bench", api: { npm } } }
      await chatHeaders({ ...request, message }, { headers })
      if (Object.keys(headers).length === 1) throw new Error("the request was not announced")
      return headers
    },
    event: (type, properties) => onEvent({ event: { type, properties } }),
    dispose: engine.dispose,
  }
}

export async function watchFetch(): Promise<WatchedFetch> {
  const engine = await openEngine(createMemoryStore({ now: Date.now }))
  await engine.begin("ses_bench")
  return {
    headers: () => engine.headers("ses_bench"),
    [Symbol.asyncDispose]: engine.dispose,
  }
}
