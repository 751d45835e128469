import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createSqliteStore } from "../../src/store/sqlite-store.ts"
import { openEngine, type OpenEngine } from "./watched-fetch.ts"

/** Our own CPU time for each healthy turn of a session of its own, milliseconds: SQLite, one step, a short answer. */
export type TurnCost = { readonly first60: number; readonly later: number }

export async function measureTurns(pace: "quick" | "full"): Promise<TurnCost> {
  const folder = await mkdtemp(join(tmpdir(), "understudy-turns-"))
  const store = createSqliteStore({
    path: join(folder, "health.sqlite"),
    now: Date.now,
    log: () => undefined,
  })
  const answer = () =>
    new Response(`${chunk({ content: "hello" }, null)}${chunk({}, "stop")}data: [DONE]\n\n`, eventStream)
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer })
  const url = `http://127.0.0.1:${server.port}/v1/chat/completions`
  const plainFetch = globalThis.fetch
  const engine = await openEngine(store)
  let turns = 0
  const added = async (count: number): Promise<number> => {
    const each = Array.from({ length: count }, () => (turns += 1))
    const plain = await cpuMs(() => Promise.all(each.map(() => ask(plainFetch, url, {}))))
    const ours = await cpuMs(() => Promise.all(each.map((turn) => healthyTurn(engine, url, `ses_${turn}`))))
    return (ours - plain) / count
  }
  const first60 = await added(60)
  await added(200)
  const later = await added(pace === "quick" ? 200 : 1_000)
  await engine.dispose()
  await server.stop(true)
  await rm(folder, { recursive: true, force: true })
  return { first60, later }
}

const eventStream = { headers: { "content-type": "text/event-stream" } }

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

async function cpuMs(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

async function ask(send: typeof fetch, url: string, headers: Record<string, string>): Promise<void> {
  const response = await send(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"model":"bench","stream":true,"messages":[]}',
  })
  for await (const _ of response.body ?? []) continue
}

/** What OpenCode tells of a turn with one step, in its order. */
async function healthyTurn(engine: OpenEngine, url: string, sessionID: string): Promise<void> {
  const { message } = await engine.begin(sessionID)
  await engine.event("session.status", { sessionID, status: { type: "busy" } })
  await ask(globalThis.fetch, url, await engine.headers(sessionID))
  const reply = { id: `${message.id}b`, sessionID, role: "assistant", parentID: message.id, finish: "stop" }
  const info = { ...reply, providerID: "bench", modelID: "bench", mode: "build" }
  await engine.event("message.updated", { info: { ...info, time: { created: 0 } } })
  for (let piece = 0; piece < 4; piece += 1)
    await engine.event("message.part.updated", { part: { type: "text", sessionID, messageID: reply.id } })
  await engine.event("message.updated", { info: { ...info, time: { created: 0, completed: 1 } } })
  for (let update = 0; update < 3; update += 1)
    await engine.event("session.updated", { info: { id: sessionID, version: "1.18.33" } })
  await engine.event("session.idle", { sessionID })
}
