import { join } from "node:path"
import { median } from "./statistics.ts"
import { watchFetch } from "./watched-fetch.ts"

/** The same request, plain and through the plugin, in turn in one process. */
export type Pair = { readonly plain: number; readonly watched: number }

export type StreamCost = {
  /** CPU time of this process for each MiB of stream, milliseconds; small pieces are one frame each. */
  readonly cpuMsPerMiB: { readonly smallPieces: Pair; readonly largePieces: Pair }
  /** Frames in one MiB: what a model that sends one token for each frame takes tokens for. */
  readonly framesPerMiB: number
  /** From the call to the end of an answer of one frame, microseconds. */
  readonly requestUs: Pair
  /** From the moment when a piece is written to the moment when it is read, microseconds. */
  readonly pieceDelayUs: Pair
  /** What the server can get rid of while nobody reads, KiB: what all buffers on the way hold. */
  readonly unreadKiB: Pair
}

type Way = { readonly name: keyof Pair; readonly send: (url: string) => Promise<Response> }

const MiB = 1024 * 1024

/** @param samples how many of each kind of measurement */
export async function measureStream(samples: number): Promise<StreamCost> {
  const plainFetch = globalThis.fetch
  await using watched = await watchFetch()
  await using server = await startServer()
  const ways: readonly Way[] = [
    { name: "plain", send: (url) => post(plainFetch, url, { "content-type": "application/json" }) },
    { name: "watched", send: async (url) => post(globalThis.fetch, url, await watched.headers()) },
  ]
  const address = (bytes: number, chunk: number): string =>
    `${server.origin}/bench/v1/chat/completions?bytes=${bytes}&chunk=${chunk}`
  const cpu = (chunk: number): Promise<Pair> =>
    inTurn(ways, samples, async ({ send }) => {
      const before = process.cpuUsage()
      await readAll(await send(address(4 * MiB, chunk)))
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000 / 4
    })
  const oneFrame = await readAll(await plainSend(ways, address(1, 1)))
  return {
    cpuMsPerMiB: { smallPieces: await cpu(1), largePieces: await cpu(16 * 1024) },
    framesPerMiB: Math.round(MiB / (oneFrame - endingBytes)),
    requestUs: await inTurn(ways, samples * 20, async ({ send }) => {
      const started = performance.now()
      await readAll(await send(address(1, 1)))
      return (performance.now() - started) * 1_000
    }),
    pieceDelayUs: await inTurn(ways, samples, ({ send }) => pieceDelayUs(send)),
    unreadKiB: await inTurn(ways, 3, ({ send }) => unreadKiB(send)),
  }
}

/** Bytes of the two frames that end an answer of stream-server.ts. */
const endingBytes = 131

const plainSend = (ways: readonly Way[], url: string): Promise<Response> => {
  const [plain] = ways
  if (plain === undefined) throw new Error("no way to send")
  return plain.send(url)
}

const post = (send: typeof fetch, url: string, headers: Record<string, string>): Promise<Response> =>
  send(url, { method: "POST", headers, body: '{"model":"bench","stream":true,"messages":[]}' })

/** Medians of `count` measurements of each way, in turn, after one of each that does not count. */
async function inTurn(
  ways: readonly Way[],
  count: number,
  measure: (way: Way) => Promise<number>,
): Promise<Pair> {
  const values: Record<keyof Pair, number[]> = { plain: [], watched: [] }
  for (let round = -1; round < count; round += 1) {
    for (const way of ways) {
      const value = await measure(way)
      if (round >= 0) values[way.name].push(value)
    }
  }
  return { plain: median(values.plain), watched: median(values.watched) }
}

async function readAll(response: Response): Promise<number> {
  let bytes = 0
  for await (const chunk of response.body ?? []) bytes += chunk.length
  return bytes
}

type Feed = AsyncDisposable & {
  readonly url: string
  write(text: string): void
  /** Bytes that the server has handed over so far. */
  readonly taken: number
}

const frame = (text: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`

/** A server in this process, so that both ends read one clock. */
function openFeed(onPull?: (write: (text: string) => void) => void): Feed {
  let taken = 0
  let write: (text: string) => void = () => undefined
  const encoder = new TextEncoder()
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: () => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          write = (text) => {
            const bytes = encoder.encode(text)
            taken += bytes.length
            controller.enqueue(bytes)
          }
        },
        // A turn of the event loop for each piece: Bun 1.3.14 would go on pulling without end.
        pull: async () => {
          await new Promise((resolve) => setImmediate(resolve))
          onPull?.(write)
        },
      })
      return new Response(body, { headers: { "content-type": "text/event-stream" } })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/bench/v1/chat/completions`,
    write: (text) => write(text),
    get taken() {
      return taken
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

const piecesOfOneFeed = 40

/** The median over the pieces of one answer. */
async function pieceDelayUs(send: Way["send"]): Promise<number> {
  await using feed = openFeed()
  const answer = send(feed.url)
  while (feed.taken === 0) {
    await Bun.sleep(1)
    feed.write(frame("first"))
  }
  const reader = (await answer).body?.getReader()
  if (!reader) throw new Error("no body")
  await reader.read()
  const delays: number[] = []
  for (let piece = 0; piece < piecesOfOneFeed; piece += 1) {
    const read = reader.read()
    await Bun.sleep(1)
    const written = performance.now()
    feed.write(frame("word"))
    await read
    delays.push((performance.now() - written) * 1_000)
  }
  return median(delays)
}

/** One piece is read, then nothing more: how much goes on flowing. */
async function unreadKiB(send: Way["send"]): Promise<number> {
  const piece = frame("word ".repeat(3_000))
  await using feed = openFeed((write) => write(piece))
  const reader = (await send(feed.url)).body?.getReader()
  await reader?.read()
  for (let before = -1; before !== feed.taken;) {
    before = feed.taken
    await Bun.sleep(100)
    if (feed.taken > 256 * MiB) break
  }
  const taken = feed.taken / 1024
  return taken
}

async function startServer(): Promise<AsyncDisposable & { readonly origin: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "stream-server.ts")], {
    stdout: "pipe",
    stderr: "inherit",
  })
  const first = await child.stdout.getReader().read()
  const port = Number(new TextDecoder().decode(first.value))
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill()
      await child.exited
    },
  }
}
