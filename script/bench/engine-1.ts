import { createEngine } from "../../src/opencode/v1/engine.ts"
import { createLentMessages } from "../../src/opencode/v1/lending/lent-messages.ts"
import type { OpenCodeHost } from "../../src/opencode/v1/opencode-host.ts"
import type { Store } from "../../src/store/store.ts"
import {
  type BenchEngine,
  benchModel,
  benchSettings,
  plainFetch,
  readAll,
  stepRequest,
} from "./bench-engine.ts"

const messageOf = (sessionID: string) => ({
  id: `msg_${sessionID}`,
  sessionID,
  role: "user",
  agent: "build",
  model: benchModel,
  time: { created: 0 },
})

/** OpenCode's client, of which a healthy turn uses nothing. */
const unused = {} as Parameters<typeof createLentMessages>[0]

/** The one of OpenCode 1, around this process's own `fetch`. */
export async function openEngine1(store: Store): Promise<BenchEngine> {
  const unexpected = (): Promise<never> => Promise.reject(new Error("no failure is expected here"))
  const host: OpenCodeHost = {
    ...createLentMessages(unused, () => undefined),
    configure: () => undefined,
    noteCompaction: () => undefined,
    isUp: () => undefined,
    promptText: unexpected,
    askInChild: unexpected,
    remove: unexpected,
    lend: unexpected,
    replay: unexpected,
    abort: () => Promise.resolve(),
    catalog: () => Promise.resolve({ known: false }),
    toast: () => Promise.resolve(),
    log: () => undefined,
    summarize: () => Promise.resolve(),
    sumsUp: () => true,
  }
  const engine = await createEngine({
    loaded: benchSettings(),
    host,
    hostLimitMs: () => 0,
    overrides: { store },
  })
  // The hooks get OpenCode's own objects, of which they read only what stands here.
  const chatMessage = engine.hooks["chat.message"] as (input: unknown, output: unknown) => Promise<void>
  const chatHeaders = engine.hooks["chat.headers"] as (input: unknown, output: unknown) => Promise<void>
  const onEvent = engine.hooks.event as (input: unknown) => Promise<void>
  const event = (type: string, properties: object): Promise<void> => onEvent({ event: { type, properties } })

  const begin: BenchEngine["begin"] = (sessionID) =>
    chatMessage(
      { sessionID, model: benchModel },
      { message: messageOf(sessionID), parts: [{ type: "text", text: "hello" }] },
    )
  const send: BenchEngine["send"] = async (sessionID, url) => {
    const headers: Record<string, string> = {}
    const api = { npm: "@ai-sdk/openai-compatible" }
    const request = { sessionID, agent: "build", model: { id: "bench", providerID: "bench", api } }
    await chatHeaders({ ...request, message: messageOf(sessionID) }, { headers })
    if (Object.keys(headers).length === 0) throw new Error("the request was not announced")
    return fetch(url, stepRequest(headers))
  }
  return {
    begin,
    plain: (url) => plainFetch(url, stepRequest()),
    send,
    turn: async (sessionID, url) => {
      await begin(sessionID)
      await event("session.status", { sessionID, status: { type: "busy" } })
      await readAll(await send(sessionID, url))
      await endOfTurn(sessionID, event)
    },
    dispose: engine.dispose,
  }
}

/** What OpenCode tells of an answer and of the turn's end. */
async function endOfTurn(
  sessionID: string,
  event: (type: string, properties: object) => Promise<void>,
): Promise<void> {
  const { id: parentID } = messageOf(sessionID)
  const reply = { id: `${parentID}b`, sessionID, role: "assistant", parentID, finish: "stop" }
  const info = { ...reply, ...benchModel, mode: "build" }
  await event("message.updated", { info: { ...info, time: { created: 0 } } })
  for (let piece = 0; piece < 4; piece += 1)
    await event("message.part.updated", { part: { type: "text", sessionID, messageID: reply.id } })
  await event("message.updated", { info: { ...info, time: { created: 0, completed: 1 } } })
  for (let update = 0; update < 3; update += 1)
    await event("session.updated", { info: { id: sessionID, version: "1.18.33" } })
  await event("session.idle", { sessionID })
}
