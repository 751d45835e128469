import { join } from "node:path"
import { createMemoryStore } from "../../src/store/memory-store.ts"
import { type BenchEngine, newSessionID, type OpenEngine, readAll } from "./bench-engine.ts"
import { median } from "./statistics.ts"

/** The same request, plain and through the plugin, in turn in one process: medians, and the median of the pairs' ratios. */
export type WithAndWithout = { readonly plain: number; readonly watched: number; readonly ratio: number }

export type PassingCost = {
  /** CPU time of this process for each MiB of stream, milliseconds; small pieces are one frame each. */
  readonly cpuMsPerMiB: {
    readonly smallPieces: WithAndWithout
    readonly largePieces: WithAndWithout
    /** Large pieces through plain fetch, in the place of the plugin a reader that makes a text of each piece. */
    readonly asText: WithAndWithout
  }
  /** Frames in one MiB: what a model that sends one token for each frame takes tokens for. */
  readonly framesPerMiB: number
  /** From the call to the end of an answer of one frame, microseconds. */
  readonly requestUs: WithAndWithout
}

export type WaitingCost = {
  /** From the moment when a piece is written to the moment when it is read, microseconds. */
  readonly pieceDelayUs: WithAndWithout
  /** What the server can get rid of while nobody reads, KiB: what all buffers on the way hold. */
  readonly unreadKiB: WithAndWithout
}

type Way = {
  readonly name: "plain" | "watched"
  readonly send: (url: string) => Promise<Response>
  readonly read: (response: Response) => Promise<unknown>
}

const MiB = 1024 * 1024

/** Answers that come as fast as they are read. @param samples how many of each kind of measurement */
export async function measurePassing(samples: number, open: OpenEngine): Promise<PassingCost> {
  await using engine = await openWays(open)
  await using server = await startServer()
  const { ways, asText } = engine
  const address = (bytes: number, chunk: number): string =>
    `${server.origin}/bench/v1/chat/completions?bytes=${bytes}&chunk=${chunk}`
  const cpu = (chunk: number, between = ways): Promise<WithAndWithout> =>
    inTurn(between, samples * 2, async ({ send, read }) => {
      const before = process.cpuUsage()
      await read(await send(address(4 * MiB, chunk)))
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000 / 4
    })
  const oneFrame = await readAll(await engine.plain(address(1, 1)))
  return {
    cpuMsPerMiB: {
      smallPieces: await cpu(1),
      largePieces: await cpu(16 * 1024),
      asText: await cpu(16 * 1024, asText),
    },
    framesPerMiB: Math.round(MiB / (oneFrame - endingBytes)),
    requestUs: await inTurn(ways, samples * 20, async ({ send }) => {
      const started = performance.now()
      await readAll(await send(address(1, 1)))
      return (performance.now() - started) * 1_000
    }),
  }
}

/** Answers that are slower than their reader, or faster. @param samples how many of each kind of measurement */
export async function measureWaiting(samples: number, open: OpenEngine): Promise<WaitingCost> {
  await using engine = await openWays(open)
  return {
    pieceDelayUs: await inTurn(engine.ways, samples, ({ send }) => pieceDelayUs(send)),
    unreadKiB: await inTurn(engine.ways, 3, ({ send }) => unreadKiB(send)),
  }
}

type Ways = AsyncDisposable &
  Pick<BenchEngine, "plain"> & { readonly ways: readonly Way[]; readonly asText: readonly Way[] }

async function openWays(open: OpenEngine): Promise<Ways> {
  const { plain, send, begin, dispose } = await open(createMemoryStore({ now: Date.now }))
  const sessionID = newSessionID()
  await begin(sessionID)
  const usual: Way = { name: "plain", send: plain, read: readAll }
  return {
    plain,
    ways: [usual, { name: "watched", send: (url) => send(sessionID, url), read: readAll }],
    asText: [usual, { name: "watched", send: plain, read: readTexts }],
    [Symbol.asyncDispose]: dispose,
  }
}

/** The least that looking at each byte takes in JavaScript. */
async function readTexts(response: Response): Promise<void> {
  for await (const { buffer, byteOffset, length } of response.body ?? [])
    Buffer.from(buffer, byteOffset, length).toString("latin1")
}

/** Bytes of the two frames that end an answer of stream-server.ts. */
const endingBytes = 131

/** Of `count` measurements of each way, in turn, after one of each that does not count. */
async function inTurn(
  ways: readonly Way[],
  count: number,
  measure: (way: Way) => Promise<number>,
): Promise<WithAndWithout> {
  const values: Record<Way["name"], number[]> = { plain: [], watched: [] }
  for (let round = -1; round < count; round += 1) {
    for (const way of ways) {
      const value = await measure(way)
      if (round >= 0) values[way.name].push(value)
    }
  }
  const ratios = values.watched.map((watched, pair) => watched / (values.plain[pair] ?? Number.NaN))
  return { plain: median(values.plain), watched: median(values.watched), ratio: median(ratios) }
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
  return feed.taken / 1024
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
