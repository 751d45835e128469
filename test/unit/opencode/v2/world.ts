import type { AccountSend } from "../../../../src/accounts/account-send.ts"
import { keyCounts } from "../../../../src/accounts/key-counts.ts"
import { createLimitWatch } from "../../../../src/accounts/limit-watch.ts"
import { type SettingsInput, settingsSchema } from "../../../../src/config/schema.ts"
import { type Catalog, offersVariant } from "../../../../src/core/catalog.ts"
import { type ModelKey, modelRef } from "../../../../src/core/model-ref.ts"
import { assembleDecisions } from "../../../../src/failover/assemble.ts"
import type { Toast } from "../../../../src/host/host.ts"
import { createOwnFaults } from "../../../../src/host/own-fault.ts"
import { assembleAnswers, assembleHooks } from "../../../../src/opencode/v2/engine.ts"
import type {
  Context,
  ModelReference,
  PromptEvent,
  RequestKind,
  RetryDecision,
  RetryEvent,
  SessionInfo,
} from "../../../../src/opencode/v2/host/context.ts"
import { keyOf, referenceTo } from "../../../../src/opencode/v2/host/model-reference.ts"
import type { OpenCodeHost } from "../../../../src/opencode/v2/host/opencode-host.ts"
import { createLoans, newLentSessions } from "../../../../src/opencode/v2/lending/loans.ts"
import { createSetUpCheck } from "../../../../src/opencode/v2/lending/set-up-check.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"
import { categoryRegistry } from "../../../../src/turn/category-registry.ts"
import { createSessions } from "../../../../src/turn/sessions.ts"

export type WorldOptions = {
  readonly settings?: SettingsInput
  readonly catalog?: Catalog
  /** The answers of `generate.text`, by model; a model without one refuses, as does one that rejects. */
  readonly generated?: Readonly<Record<ModelKey, string | (() => Promise<string>)>>
  /** OpenCode's default, `default/1` where it is not named; `undefined`: it has none. */
  readonly defaultModel?: ModelReference | undefined
  /** Models that OpenCode cannot set up. */
  readonly unset?: readonly ModelKey[]
  /** What OpenCode lists of its agents. */
  readonly agents?: Context["agent"]["list"]
  /** Sends what we send ourselves; default: to the provider of the request. */
  readonly send?: (model: ModelKey, request: Request) => Promise<Response>
}

export type World = ReturnType<typeof makeWorld>

/** What a provider answers; a function is asked for each request, an error is a broken connection. */
export type Provider = () => Response | Error | Promise<Response | Error>

export type Step = {
  readonly model: ModelKey
  /** Models that got a request, in order. */
  readonly asked: readonly ModelKey[]
  /** What OpenCode has of the answer, or of the last failure. */
  readonly text: string
  /** What the last response or broken connection has said: `opencode run` prints it when a turn has failed. */
  readonly lastWords: string
  readonly outcome: "answered" | "failed"
  /** The pauses that OpenCode was told. */
  readonly delays: readonly number[]
}

/** Of each provider the model `1`; that of `b` has the larger window. */
const catalog: Catalog = {
  known: true,
  providers: new Set(["a", "b", "c", "user", "default", "small"]),
  models: new Map(
    (["a/1", "b/1", "c/1", "user/1", "default/1", "small/1"] as const).map((model) => [
      model,
      { images: model !== "b/1", pdf: true, toolCalls: true, contextTokens: model === "b/1" ? 2_000 : 1_000 },
    ]),
  ),
}

export const usual: SettingsInput = { agents: { build: { fallback_models: ["b/1", "c/1"] } } }

const standard: ModelReference = { id: "1", providerID: "default" }
const mostRetries = 10
export const address = "http://provider.test/v1/chat/completions"
/** Of a protocol that nobody reads. */
export const unreadAddress = "http://provider.test/v1/unknown"

/** A chat completion as a stream. */
export function answer(said: string, finish = "stop"): Response {
  const chunk = (choice: object): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`
  const text = said === "" ? "" : chunk({ delta: { content: said } })
  return sse(`${text}${chunk({ delta: {}, finish_reason: finish })}data: [DONE]\n\n`)
}

export function sse(body: string): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" } })
}

/** OpenCode asks what to do about a failed step; it would ask again itself. */
export function retryEvent(sessionID: string, model: ModelKey, type = "provider.rate-limit"): RetryEvent {
  return {
    sessionID,
    agent: "build",
    model: referenceTo(model, undefined),
    error: { type, message: "m" },
    attempt: 2,
    decision: { retry: true, delay: 5 },
  }
}

export function failure(status: number, body: unknown = {}, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

/** Everything of version 2's adapter but OpenCode itself, which the test plays by the rules of 2.0.15. */
export function makeWorld(options: WorldOptions = {}) {
  const settings = settingsSchema.parse(options.settings ?? usual)
  let time = 1_700_000_000_000
  const now = (): number => time
  const logs: string[] = []
  const toasts: Toast[] = []
  const infos = new Map<string, SessionInfo>()
  const storage = new Map<string, unknown>()
  const switches: string[] = []
  const generated: { model: ModelKey; prompt: string }[] = []
  let refusesSwitches = false
  let answersNothing = false

  /** What OpenCode is asked for, in order. */
  const calls: string[] = []
  const context = {
    agent: { list: options.agents ?? (() => Promise.resolve([])) },
    model: {
      list: () => Promise.resolve({ data: [] }),
      default: () => {
        calls.push("model.default")
        return Promise.resolve({ data: "defaultModel" in options ? options.defaultModel : standard })
      },
    },
    generate: {
      text: ({ model, prompt }: { model: ModelReference; prompt: string }) => {
        generated.push({ model: keyOf(model), prompt })
        if (
          model.variant !== undefined &&
          !offersVariant(options.catalog ?? catalog, keyOf(model), model.variant)
        )
          return Promise.reject(new Error("Variant unavailable"))
        const given = options.generated?.[keyOf(model)]
        if (typeof given === "function") return given().then((text) => ({ text }))
        return given === undefined
          ? Promise.reject(Object.assign(new Error("Rate limit reached"), { status: 429 }))
          : Promise.resolve({ text: given })
      },
    },
    storage: {
      get: (key: string) => {
        calls.push("storage.get")
        return Promise.resolve(storage.get(key))
      },
      set: (key: string, value: unknown) => {
        calls.push("storage.set")
        return Promise.resolve(void storage.set(key, value))
      },
      scan: () => Promise.resolve({ entries: [...storage].map(([key, value]) => ({ key, value })) }),
      remove: (key: string) => {
        calls.push("storage.remove")
        return Promise.resolve(void storage.delete(key))
      },
    },
    session: {
      get: ({ sessionID }: { sessionID: string }) => {
        calls.push("session.get")
        return answersNothing
          ? Promise.reject(new Error("OpenCode does not answer"))
          : Promise.resolve(infos.get(sessionID) ?? { id: sessionID })
      },
      generate: async ({ sessionID }: { sessionID: string }) => {
        calls.push("session.generate")
        const model = modelOf(sessionID)
        if (options.unset?.includes(keyOf(model)))
          throw new Error(`ModelConfigurationError: Cannot initialize ${keyOf(model)}: a project is required`)
        await hooks["model.request"]({ sessionID, agent: "build", model, kind: "generate" })
        calls.push("a provider was asked")
        throw new Error("it does not matter what it says")
      },
      switchModel: async ({ sessionID, model }: { sessionID: string; model: ModelReference }) => {
        calls.push("session.switchModel")
        if (refusesSwitches) throw new Error("OpenCode does not switch")
        switches.push(keyOf(model))
        await select(sessionID, model)
      },
    },
  } as unknown as Context

  let isUp = false
  let isListing = false
  const host: OpenCodeHost = {
    catalog: () => Promise.resolve(isUp || isListing ? (options.catalog ?? catalog) : { known: false }),
    toast: async (toast) => void toasts.push(toast),
    log: (level, message) => void logs.push(`${level}: ${message}`),
    isUp: () => void (isUp = true),
    listing: async (model, answer) => {
      const listed = options.catalog ?? catalog
      isListing = listed.known && listed.models.has(model)
      return answer().finally(() => void (isListing = false))
    },
    forgetCatalog: () => undefined,
    noteWithoutPdf: (model) => void logs.push(`without PDF: ${model}`),
    configure: () => undefined,
    flushed: () => Promise.resolve(),
  }
  const store = createMemoryStore({ now })
  const sessions = createSessions((what, turn) => void logs.push(`refused: ${what} while ${turn.phase.is}`))
  const categories = categoryRegistry()
  const incidents = { open: () => true }
  const decisions = assembleDecisions({
    settings,
    store,
    sessions,
    categories,
    keyCount: (providerID) => keyCounts(settings).get(providerID) ?? 1,
    incidents,
    host,
    now,
    random: () => 0,
  })
  let provided: () => Promise<Response> = () => Promise.reject(new Error("nobody is there"))
  const accountSend: AccountSend = (step) => (input, init) =>
    options.send?.(step.model, new Request(input, init)) ?? provided()
  const limits = createLimitWatch({ store, now, later: (run) => run() })
  const faults = createOwnFaults(host)
  const loans = createLoans({
    context,
    host,
    lent: newLentSessions(),
    pid: 1,
    isAlive: (pid) => pid === 2,
    keepsStandIn: settings.runtime_fallback.restore_primary === "never",
    now,
    onStorageFault: faults.log,
  })
  const command = async (place: { agent: string; model: ModelKey }, said: string): Promise<string> =>
    `${place.agent} ${place.model} ${said === "models?" ? (await host.catalog()).known : said}`
  const hasKeys = (providerID: string): boolean => keyCounts(settings).has(providerID)
  const accounts = { accountSend, limits }
  const core = { ...decisions, ...accounts, settings, store, sessions, categories, hasKeys, command, now }
  const setUp = createSetUpCheck({ context, host, asking: new Set() })
  const waiting: { readonly at: number; readonly run: () => Promise<void> }[] = []
  const after = (ms: number, run: () => Promise<void>): void => void waiting.push({ at: now() + ms, run })
  const parts = { ...core, context, host, faults, loans, setUp }
  const { hooks, onEvent } = assembleHooks(parts, after)

  async function select(sessionID: string, model: ModelReference): Promise<void> {
    infos.set(sessionID, { ...infos.get(sessionID), id: sessionID, model })
    await onEvent({ type: "session.model.selected", data: { sessionID, model } })
  }

  /** OpenCode's own idea of what to do about a failure. */
  const proposed = (status: number, pauseMs = 2_000): RetryDecision =>
    status === 429 || status >= 500 ? { retry: true, delay: Math.min(pauseMs, 900_000) } : { retry: false }

  const modelOf = (sessionID: string): ModelReference => infos.get(sessionID)?.model ?? standard

  async function join(sessionID: string, prompt: PromptEvent["prompt"] = {}): Promise<void> {
    time += 1
    await hooks.prompt?.({ sessionID, messageID: `msg_${time}`, prompt })
  }

  const run = (sessionID: string): Promise<void> =>
    onEvent({ type: "session.execution.started", data: { sessionID } })

  /** One request as OpenCode makes it. */
  async function request(
    sessionID: string,
    kind: RequestKind,
    model: ModelReference,
    provider: Provider,
    url = address,
    sent = "{}",
  ): Promise<{ readonly response: Response; readonly body: string; readonly isSent: boolean }> {
    const step = { sessionID, agent: "build", model, kind }
    await hooks["model.request"]?.(step)
    const sending = { ...step, request: new Request(url, { method: "POST", body: sent }) }
    let isSent = false
    provided = async () => {
      isSent = true
      const given = await provider()
      if (given instanceof Error) throw given
      return Object.defineProperty(given, "url", { value: url, configurable: true })
    }
    await hooks["http.request"]?.(sending)
    const isOurs = sending.request.url.startsWith("data:")
    const response = isOurs ? new Response("{}") : await provided()
    const receiving = { ...step, request: sending.request, response }
    await hooks["http.response"]?.(receiving)
    return { response: receiving.response, body: await receiving.response.text(), isSent }
  }

  /** OpenCode's own view of an answer: text, or the error that its step has failed with. */
  function readAnswer({ response, body }: { readonly response: Response; readonly body: string }) {
    const pause = response.headers.get("retry-after")
    const named = pause === null ? {} : { pauseMs: Number(pause) * 1_000 }
    if (!response.ok) return { type: "provider.unknown", message: body, status: response.status, ...named }
    const frames = body.split("\n\n").filter((frame) => frame.startsWith("data: {"))
    const chunks = frames.map((frame): Record<string, unknown> => JSON.parse(frame.slice("data: ".length)))
    if (chunks.some((chunk) => "error" in chunk)) return { type: "provider.internal", message: body }
    if (!/"finish_reason":"\w/.test(body)) return { type: "provider.invalid-output", message: "no end" }
    return body.match(/"content":"([^"]*)"/)?.[1] ?? ""
  }

  return {
    context,
    hooks,
    onEvent,
    answers: assembleAnswers(parts),
    host,
    store,
    sessions,
    loans,
    failover: decisions.failover,
    turns: decisions.turns,
    switches,
    calls,
    generated,
    logs,
    toasts,
    storage,
    select,
    at: (ms: number) => void (time += ms),
    now,
    modelOf: (sessionID: string): ModelKey => keyOf(modelOf(sessionID)),
    refuseSwitches: (refuses: boolean) => void (refusesSwitches = refuses),
    answerNothing: (isSilent: boolean) => void (answersNothing = isSilent),
    /** A session that stands on this model. */
    open: (sessionID: string, model: ModelKey, more: Partial<SessionInfo> = {}): void => {
      infos.set(sessionID, { id: sessionID, agent: "build", model: referenceTo(model, undefined), ...more })
    },
    prompt: async (sessionID: string, prompt: PromptEvent["prompt"] = {}): Promise<void> => {
      await join(sessionID, prompt)
      await run(sessionID)
    },
    /** A prompt while the session is running, or one of which no turn comes. */
    join,
    /** All that was to happen later happens now. */
    wait: async (): Promise<void> => {
      for (const { at, run } of waiting.splice(0)) {
        time = Math.max(time, at)
        await run()
      }
    },
    /** OpenCode takes the session up. */
    run,
    request: (
      sessionID: string,
      kind: RequestKind,
      model: ModelKey,
      provider: Provider,
      url?: string,
      sent?: string,
    ) => request(sessionID, kind, referenceTo(model, undefined), provider, url, sent),
    /** One step of a turn with all its retries. */
    step: async (
      sessionID: string,
      providers: Readonly<Record<ModelKey, Provider>>,
      tokens?: object,
    ): Promise<Step> => {
      const asked: ModelKey[] = []
      const delays: number[] = []
      for (let attempt = 2; ; attempt += 1) {
        const reference = modelOf(sessionID)
        const model = keyOf(reference)
        const got = await request(sessionID, "primary", reference, async () => {
          asked.push(model)
          return (await providers[model]?.()) ?? answer(`${model} says hello`)
        }).then(readAnswer, (error: unknown) => ({ type: "provider.transport", message: String(error) }))
        const data = { sessionID, assistantMessageID: `a_${time}_${attempt}`, model: reference }
        await onEvent({ type: "session.step.started", data })
        if (typeof got === "string") {
          await onEvent({ type: "session.step.ended", data: { ...data, tokens } })
          return { model, asked, text: got, lastWords: got, outcome: "answered", delays }
        }
        const lastWords = got.message
        const status = "status" in got ? got.status : 500
        const event: RetryEvent = {
          sessionID,
          agent: "build",
          model: reference,
          error: got,
          attempt,
          decision: proposed(status, "pauseMs" in got ? got.pauseMs : undefined),
        }
        // Over a prompt that is too long OpenCode compacts; it does not ask.
        const asks = attempt <= mostRetries + 1 && !got.message.includes("context_length_exceeded")
        if (asks) await hooks.retry?.(event)
        if (!asks || !event.decision.retry)
          return { model, asked, text: event.error.message, lastWords, outcome: "failed", delays }
        delays.push(event.decision.delay)
        time += event.decision.delay
      }
    },
    end: async (sessionID: string, outcome = "succeeded", error?: object): Promise<void> => {
      time += 1
      infos.set(sessionID, { ...infos.get(sessionID), id: sessionID, time: { idle: time } })
      await onEvent({ type: `session.execution.${outcome}`, data: { sessionID, error } })
    },
    providerOf: (model: ModelKey) => modelRef(model).providerID,
  }
}
