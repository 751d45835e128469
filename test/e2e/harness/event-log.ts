import { EventSourceParserStream } from "eventsource-parser/stream"
import { isRecord, record, string } from "../../simulator/protocol/json.ts"

/** An event of OpenCode's bus, as `GET /event` sends it. */
export interface HostEvent {
  /** `performance.now()` at arrival, in milliseconds. */
  readonly atMs: number
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
}

export type EventPredicate = (event: HostEvent) => boolean

/** The session that an event is about, wherever the event keeps it. */
export function sessionOf(event: HostEvent): string | undefined {
  const { properties } = event
  const id =
    properties["sessionID"] ??
    record(properties["info"])["sessionID"] ??
    record(properties["part"])["sessionID"]
  return typeof id === "string" ? id : undefined
}

interface Waiter {
  readonly matches: EventPredicate
  readonly resolve: (event: HostEvent) => void
}

/** Everything that OpenCode has published since the host started. */
export class EventLog implements AsyncDisposable {
  readonly all: HostEvent[] = []
  readonly #waiters = new Set<Waiter>()
  readonly #abort = new AbortController()
  #reading: Promise<void> = Promise.resolve()

  static async open(url: string): Promise<EventLog> {
    const log = new EventLog()
    const response = await fetch(`${url}/event`, { signal: log.#abort.signal })
    const body = response.body
    if (!response.ok || body === null) throw new Error(`GET /event answered ${response.status}`)
    log.#reading = log.#read(body).catch((error: unknown) => {
      // The end of the server ends the stream; only what happens before disposal is a fault.
      if (!log.#abort.signal.aborted) console.error("event stream:", error)
    })
    await log.waitFor((event) => event.type === "server.connected")
    return log
  }

  /** The first event, past or future, that matches. Rejects with the types seen so far. */
  async waitFor(matches: EventPredicate, timeoutMs = 10_000): Promise<HostEvent> {
    const past = this.all.find(matches)
    if (past !== undefined) return past
    const { promise, resolve, reject } = Promise.withResolvers<HostEvent>()
    const waiter = { matches, resolve }
    this.#waiters.add(waiter)
    const timer = setTimeout(() => {
      const types = this.all.slice(-30).map((event) => event.type)
      reject(new Error(`No such event within ${timeoutMs} ms. The last: ${types.join(", ")}`))
    }, timeoutMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
    await this.#reading
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    // TextDecoderStream is typed for BufferSource in lib.dom; the bytes of a body are that.
    const decoder = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>
    for await (const message of body.pipeThrough(decoder).pipeThrough(new EventSourceParserStream())) {
      const data: unknown = JSON.parse(message.data)
      if (isRecord(data))
        this.#add({
          atMs: performance.now(),
          type: string(data["type"]),
          properties: record(data["properties"]),
        })
    }
  }

  #add(event: HostEvent): void {
    this.all.push(event)
    for (const waiter of this.#waiters) if (waiter.matches(event)) waiter.resolve(event)
  }
}
