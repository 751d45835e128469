import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Arrivals } from "./arrivals.ts"
import { play } from "./play.ts"
import { anthropic } from "./protocol/anthropic.ts"
import { bedrock } from "./protocol/bedrock.ts"
import { cohere } from "./protocol/cohere.ts"
import { gateway } from "./protocol/gateway.ts"
import { gemini } from "./protocol/gemini.ts"
import { record } from "./protocol/json.ts"
import { fullChat, openaiChat } from "./protocol/openai-chat.ts"
import { openaiResponses } from "./protocol/openai-responses.ts"
import type { Protocol } from "./protocol/protocol.ts"
import { purposeOf } from "./purpose-of.ts"
import type { Purpose, RecordedRequest } from "./recorded-request.ts"
import { Scripts } from "./scripts.ts"
import { isWellSigned } from "./sigv4.ts"
import { type Answer, status, type Step, text } from "./step.ts"

const PROTOCOLS: readonly Protocol[] = [
  fullChat,
  openaiChat,
  openaiResponses,
  anthropic,
  gemini,
  bedrock,
  cohere,
  gateway,
]

export type RequestPredicate = (request: RecordedRequest) => boolean

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Resolves when the client has shown this piece of an answer to a request that came at `sinceMs`. Bun's fetch drops what
 * it has not handed on when the connection breaks (Bun 1.4.5): under load a break would overtake what came before it.
 */
export type UntilShown = (piece: string, sinceMs: number) => Promise<void>

const pause = (): Promise<void> => Bun.sleep(150)

/**
 * A loopback server that speaks the wire protocols of providers and answers by script.
 * The first path segment names the provider: give `${simulator.origin}/alpha/v1` as the base URL of `alpha`.
 *
 * It stands on `node:http`, not on `Bun.serve`: a reset needs the socket, and an errored stream of `Bun.serve`
 * prints a stack trace per fault (Bun 1.4.5).
 */
export class Simulator implements AsyncDisposable {
  readonly origin: string
  readonly #server: ReturnType<typeof createServer>
  readonly #scripts = new Scripts()
  readonly #arrivals = new Arrivals<RecordedRequest>()
  readonly #requests = this.#arrivals.all
  #titleStep: Step = text("A title")
  #untilShown: UntilShown = pause

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch((error: unknown) => {
        console.error("simulator:", error)
        response.socket?.destroy()
      })
    })
  }

  static async start(): Promise<Simulator> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return new Simulator(server)
  }

  /** The next requests to the model get these answers, one each; after the last comes the default answer. */
  script(model: string, steps: readonly Step[]): void {
    this.#scripts.set(model, steps)
  }

  /** Every request to the model gets this answer from now on. */
  always(model: string, step: Step): void {
    this.#scripts.set(model, [{ kind: "repeat", step }])
  }

  /** Title requests never use up a model's script; they all get this answer. */
  titles(step: Step): void {
    this.#titleStep = step
  }

  /** How it is known that the client has shown a piece of an answer; without it a break in mid-stream comes after a pause. */
  shownBy(untilShown: UntilShown): void {
    this.#untilShown = untilShown
  }

  /** Requests so far: of one model, or all; titles only if asked for. */
  requests(model?: string, purpose?: Purpose): readonly RecordedRequest[] {
    return this.#requests.filter(
      (request) =>
        (model === undefined || request.model === model) &&
        (purpose === undefined ? request.purpose !== "title" : request.purpose === purpose),
    )
  }

  /** Each is kept with its body: a long run would fill the memory. */
  forgetRequests(): void {
    this.#requests.length = 0
  }

  /** The first request, past or future, that matches. Rejects after `timeoutMs` with a list of what came instead. */
  waitForRequest(matches: RequestPredicate | string, timeoutMs = 20_000): Promise<RecordedRequest> {
    const predicate: RequestPredicate =
      typeof matches === "string"
        ? (request) => request.model === matches && request.purpose !== "title"
        : matches
    return this.#arrivals.waitFor(predicate, timeoutMs, () => {
      const seen = this.#requests.map((request) => `${request.model} (${request.purpose})`).join(", ")
      return `No such request within ${timeoutMs} ms. Seen: ${seen || "none"}`
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = performance.now()
    const bytes = await readBody(incoming)
    if (isForged(incoming, bytes)) return refuse(response, 403, "The request signature does not match.")
    const body = record(parse(bytes))
    const [path = "/", query = ""] = (incoming.url ?? "/").split("?")
    const found = PROTOCOLS.flatMap((protocol) => {
      const model = protocol.modelOf(path, body, incoming.headers)
      return model === undefined ? [] : [{ protocol, model }]
    })[0]
    if (found === undefined) {
      return refuse(response, 404, "no such route")
    }
    const { protocol, model } = found
    const conversation = protocol.read(body)
    const name = `${path.split("/")[1] ?? ""}/${model}`
    const purpose = purposeOf(conversation)
    const request: Mutable<RecordedRequest> = {
      index: this.#requests.length,
      atMs,
      protocol: protocol.name,
      model: name,
      purpose,
      path,
      query,
      headers: Object.fromEntries(
        Object.entries(incoming.headers).map(([key, value]) => [key, String(value)]),
      ),
      body,
      conversation,
      call: this.#requests.filter((other) => other.model === name && other.purpose !== "title").length,
      answeredBy: undefined,
      status: undefined,
      endedAtMs: undefined,
      clientAborted: false,
    }
    this.#arrivals.add(request)
    await this.#answer(request, response, protocol, model)
  }

  async #answer(
    request: Mutable<RecordedRequest>,
    response: ServerResponse,
    protocol: Protocol,
    model: string,
  ): Promise<void> {
    const gone = Promise.withResolvers<void>()
    let ownReset = false
    const resetConnection = (): void => {
      ownReset = true
      response.socket?.destroy()
    }
    response.on("close", () => {
      request.clientAborted = !response.writableEnded && !ownReset
      request.endedAtMs = performance.now()
      gone.resolve()
    })
    const seal = sealOf(request)
    const refused = protocol.refusal?.(model, request.body, seal)
    const script = request.purpose === "title" ? this.#titleStep : this.#scripts.next(request.model)
    const step = refused === undefined ? script : status(400, { body: refused })
    const answer = await settle(step, request, gone.promise)
    if (answer === undefined || response.destroyed) return
    request.answeredBy = answer.kind
    switch (answer.kind) {
      case "reset":
        resetConnection()
        return
      case "silence":
        return
      case "status": {
        const body = answer.body ?? protocol.errorBody(answer.status, answer.message)
        request.status = answer.status
        response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers })
        response.end(typeof body === "string" ? body : JSON.stringify(body))
        return
      }
      case "stream": {
        request.status = 200
        response.writeHead(200, {
          "content-type": protocol.contentType ?? "text/event-stream",
          "cache-control": "no-cache",
          ...answer.headers,
        })
        response.flushHeaders()
        const inputTokens = Math.ceil(JSON.stringify(request.body).length / 4)
        const encoder = protocol.encoder(model, `sim${request.index}`, seal)
        const usage = { inputTokens, outputTokens: 5 }
        const { charset } = protocol
        const left = gone.promise
        const reset = async (lastPiece: string | undefined): Promise<void> => {
          const shown = lastPiece === undefined ? pause() : this.#untilShown(lastPiece, request.atMs)
          await Promise.race([shown, left])
          resetConnection()
        }
        await play(answer.beats, { response, encoder, charset, usage, left, reset })
      }
    }
  }
}

type FinalAnswer = Exclude<Answer, { kind: "after" | "delayed" | "repeat" }>

/** Runs step functions and waits at gates until a playable answer is left; `undefined` if the client left meanwhile. */
async function settle(
  step: Step,
  request: RecordedRequest,
  gone: Promise<void>,
): Promise<FinalAnswer | undefined> {
  if (typeof step === "function") return settle(await step(request), request, gone)
  const wait = (until: Promise<unknown>): Promise<boolean> =>
    Promise.race([until.then(() => true), gone.then(() => false)])
  if (step.kind === "repeat") return settle(step.step, request, gone)
  if (step.kind === "delayed") {
    return (await wait(Bun.sleep(step.ms))) ? settle(step.step, request, gone) : undefined
  }
  if (step.kind === "after") {
    step.gate.arrive()
    return (await wait(step.gate.opened)) ? settle(step.step, request, gone) : undefined
  }
  return step
}

/** Each provider's account has its own. */
function sealOf({ model, headers, query }: RecordedRequest): string {
  const key = headers["authorization"] ?? headers["x-goog-api-key"] ?? query
  return `gAAA${Bun.hash(`${model.split("/", 1)[0]} ${key}`).toString(36)}`
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ message, error: { message } })
  response.writeHead(status, { "content-type": "application/json" }).end(body)
}

/** Signed in the manner of AWS, and not by who has the key. */
function isForged({ method = "", url = "", headers }: IncomingMessage, body: string): boolean {
  if (headers.authorization?.startsWith("AWS4") !== true) return false
  return !isWellSigned({ method, url, headers: headers as Record<string, string>, body })
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

/** A body that is no JSON is recorded as an empty object: the tests of the plugin never send one. */
function parse(bytes: string): unknown {
  return bytes.startsWith("{") ? (JSON.parse(bytes) as unknown) : {}
}
