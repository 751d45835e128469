import { EventSourceParserStream } from "eventsource-parser/stream"
import { Arrivals } from "../../simulator/arrivals.ts"
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

/** Where a version of OpenCode publishes its events, and what one of them looks like there. */
export interface EventSource {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  read(data: Readonly<Record<string, unknown>>): Omit<HostEvent, "atMs"> | undefined
}

/**
 * OpenCode 1. Not `GET /event`, which starts the project's instance and shows only what comes after, so that a plugin
 * that failed to load would go unseen.
 */
const openCode1: EventSource = {
  path: "/global/event",
  read: (data) => {
    const { type, properties } = record(data["payload"])
    if (typeof type !== "string") return undefined
    return { type, properties: record(properties), directory: string(data["directory"]) }
  },
}

/** Everything that OpenCode has published since the server listens. */
export class EventLog implements AsyncDisposable {
  readonly #arrivals = new Arrivals<HostEvent>()
  readonly all = this.#arrivals.all
  readonly #abort = new AbortController()
  #reading: Promise<void> = Promise.resolve()

  static async open(url: string, source: EventSource = openCode1): Promise<EventLog> {
    const log = new EventLog()
    const { path, headers = {} } = source
    const response = await fetch(url + path, { signal: log.#abort.signal, headers: { ...headers } })
    const body = response.body
    if (!response.ok || body === null) throw new Error(`GET ${path} answered ${response.status}`)
    log.#reading = log.#read(body, source).catch((error: unknown) => {
      // The end of the server ends the stream; only what happens before disposal is a fault.
      if (!log.#abort.signal.aborted) console.error("event stream:", error)
    })
    await log.waitFor((event) => event.type === "server.connected")
    return log
  }

  /** The first event, past or future, that matches. Rejects with the types seen so far. */
  waitFor(matches: EventPredicate, timeoutMs = 100_000): Promise<HostEvent> {
    return this.#arrivals.waitFor(matches, timeoutMs, () => {
      const types = this.all.slice(-30).map((event) => event.type)
      return `No such event within ${timeoutMs} ms. The last: ${types.join(", ")}`
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
    await this.#reading
  }

  async #read(body: ReadableStream<Uint8Array>, source: EventSource): Promise<void> {
    // TextDecoderStream is typed for BufferSource in lib.dom; the bytes of a body are that.
    const decoder = new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>
    for await (const message of body.pipeThrough(decoder).pipeThrough(new EventSourceParserStream())) {
      const event = source.read(record(JSON.parse(message.data)))
      if (event) this.#arrivals.add({ atMs: performance.now(), ...event })
    }
  }
}
