import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createSqliteStore } from "../../src/store/sqlite-store.ts"
import { newSessionID, type OpenEngine, readAll } from "./bench-engine.ts"

/** Our own CPU time for each healthy turn of a session of its own, milliseconds: SQLite, one step, a short answer. */
export type TurnCost = { readonly first60: number; readonly later: number }

export async function measureTurns(pace: "quick" | "full", open: OpenEngine): Promise<TurnCost> {
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
  const engine = await open(store)
  const added = async (count: number): Promise<number> => {
    const each = Array.from({ length: count }, newSessionID)
    const plain = await cpuMs(() => Promise.all(each.map(async () => readAll(await engine.plain(url)))))
    const ours = await cpuMs(() => Promise.all(each.map((sessionID) => engine.turn(sessionID, url))))
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
