import { EventSourceParserStream } from "eventsource-parser/stream"
import { record, string } from "../../simulator/protocol/json.ts"

/** An event of OpenCode's bus. */
export interface HostEvent {
  /** `performance.now()` at arrival, in milliseconds. */
  readonly atMs: number
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
  /** The project folder whose instance published it; empty for the server's own. */
  readonly directory: string
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

/**
 * Everything that OpenCode has published since the server listens. Read from `GET /global/event`: `GET /event` starts
 * the project's instance and shows only what comes after, so that a plugin that failed to load would go unseen.
 */
export class EventLog implements AsyncDisposable {
  readonly all: HostEvent[] = []
  readonly #waiters = new Set<Waiter>()
  readonly #abort = new AbortController()
  #reading: Promise<void> = Promise.resolve()

  static async open(url: string): Promise<EventLog> {
    const log = new EventLog()
    const response = await fetch(`${url}/global/event`, { signal: log.#abort.signal })
    const body = response.body
    if (!response.ok || body === null) throw new Error(`GET /global/event answered ${response.status}`)
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
      const data = record(JSON.parse(message.data))
      const { type, properties } = record(data["payload"])
      if (typeof type !== "string") continue
      const directory = string(data["directory"])
      this.#add({ atMs: performance.now(), type, properties: record(properties), directory })
    }
  }

  #add(event: HostEvent): void {
    this.all.push(event)
    for (const waiter of this.#waiters) if (waiter.matches(event)) waiter.resolve(event)
  }
}
