import { jest } from "bun:test"
import { type ModelKey, modelKey, modelRef } from "../../../../../src/core/model-ref.ts"
import type { LogLevel } from "../../../../../src/host/host.ts"
import { createOpenCodeHost } from "../../../../../src/opencode/v1/opencode-host.ts"
import type { TurnHooks } from "../../../../../src/opencode/v1/turn-hooks.ts"
import { catalogOf } from "../../../catalog-of.ts"
import { makeWorld, type WorldOptions } from "../world.ts"

/** What a provider does with a request; with `retryMs` OpenCode asks again after that time. */
export type Said =
  | { readonly finish: "stop" | "tool-calls" | "unknown" }
  | { readonly error: object; readonly retryMs?: number }

type User = {
  readonly id: string
  /** It asks for a compaction; with `auto` the turn goes on afterwards. */
  readonly compacts?: { readonly auto: boolean; readonly isOurs: boolean }
  readonly agent: string
  readonly model: { readonly providerID: string; readonly modelID: string }
}
type Assistant = {
  readonly id: string
  readonly parentID: string
  readonly model: ModelKey
  readonly isSummary: boolean
  finish?: string
  error?: unknown
}
type Run = { readonly stop: AbortController; over: Promise<void>; isHalted: boolean }
/** A message as its client wrote it. */
type Written = {
  readonly model: ModelKey
  readonly agent: string
  readonly noReply: boolean
  isTaken: boolean
}
export type Asked = {
  readonly model: ModelKey
  readonly messageID: string
  readonly atMs: number
  readonly said: Said
  readonly isEnded: boolean
  readonly isSummary: boolean
}
export type Prompt = {
  readonly messageID?: string
  /** Named by the client; without it the session's. */
  readonly model?: ModelKey
  readonly agent?: string
  readonly noReply?: boolean
  readonly parts?: readonly unknown[]
}
export type PlayOptions = WorldOptions & {
  readonly answer: (model: ModelKey) => Said
  /** How long OpenCode waits for a failed step's tools; milliseconds. */
  readonly cleanupMs: number
}

/** What is kept for the whole process knows sessions by their ids. */
let sessionCount = 0
const storeMs = 2
const preparesMs = 5
const asksMs = 20
const ownRetries = 5
const aborted = { name: "MessageAbortedError", data: { message: "Aborted" } }
const gone = { error: { name: "NotFoundError", data: { message: "Session not found" } } }

class Interrupted extends Error {}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(new Interrupted())
    }
    if (signal?.aborted === true) return reject(new Interrupted())
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, ms)
    signal?.addEventListener("abort", stop, { once: true })
  })
}

/** Lets the time of the test pass until nothing is to come any more. */
export async function playOut(): Promise<void> {
  for (;;) {
    for (let tick = 0; tick < 3; tick += 1) await new Promise((resolve) => setImmediate(resolve))
    if (jest.getTimerCount() === 0) return
    jest.advanceTimersToNextTimer()
  }
}

export type PlayedOpenCode = ReturnType<typeof playOpenCode>

/** One session of OpenCode 1.18.33, on a clock of the test: its run loop, and in what order it tells what happens. */
export function playOpenCode({ answer, cleanupMs, ...options }: PlayOptions) {
  const sessionID = `ses_${(sessionCount += 1)}`
  const users = new Map<string, User>()
  const assistants: Assistant[] = []
  const asked: Asked[] = []
  const lines: string[] = []
  const toasts: string[] = []
  const written = new Map<string, Written>()
  /** The newest message that the user has ended. */
  let ended = ""
  /** The newest message that the user may have ended. */
  let mayBeEnded = ""
  let serial = 0
  let model: ModelKey | undefined
  let run: Run | undefined
  let isDying = false
  let isGone = false
  let onIdle = (): void => undefined

  const nextID = (): string => `msg_${String((serial += 1)).padStart(4, "0")}`
  const write = (level: LogLevel, message: string): void => void lines.push(`${level}: ${message}`)
  const guarded = async (call: () => Promise<unknown>): Promise<unknown> =>
    isGone ? gone : { data: (await call()) ?? {} }
  const client = {
    session: {
      prompt: ({ body }: { body: Prompt }) => guarded(() => prompt(body)),
      promptAsync: ({ body }: { body: Prompt }) => guarded(async () => void prompt(body)),
      abort: () => guarded(cancel),
      get: () => guarded(async () => ({})),
      summarize: ({ body: { auto, ...ref } }: { body: User["model"] & { readonly auto?: boolean } }) =>
        guarded(() => summarize(ref, { auto: auto === true, isOurs: true })),
    },
    app: {
      log: async ({ body }: { body: { level: LogLevel; message: string } }) =>
        write(body.level, body.message),
    },
    tui: {
      showToast: async ({ body }: { body: { message: string } }) => ({
        data: void toasts.push(body.message),
      }),
    },
  }
  const real = createOpenCodeHost(client as unknown as Parameters<typeof createOpenCodeHost>[0], Date.now)
  real.isUp()
  const host = {
    ...real,
    catalog: () => Promise.resolve(catalogOf({ "a/own": {}, "b/1": {}, "c/1": {}, "d/1": {} })),
  }
  const world = makeWorld({ ...options, idleTimes: {}, catches: false, now: Date.now, played: host })
  const { hooks } = world

  const tell = (type: string, properties: object): void =>
    void hooks.event({ event: { type, properties: { sessionID, ...properties } } } as unknown as Parameters<
      TurnHooks["event"]
    >[0])
  const status = (type: string, more: object = {}): void =>
    tell("session.status", { status: { type, ...more } })
  const idle = (): void => {
    if (isGone) return
    status("idle")
    tell("session.idle", {})
    onIdle()
  }
  const update = (message: Assistant): void =>
    tell("message.updated", {
      info: { role: "assistant", sessionID, ...message, ...modelRef(message.model), model: undefined },
    })
  const newest = (): User =>
    [...users.values()].toSorted((one, other) => (one.id < other.id ? 1 : -1))[0] as User

  async function prompt(given: Prompt): Promise<void> {
    const named = given.model
    model = named === undefined ? (model ?? "a/own") : typeof named === "string" ? named : modelKey(named)
    const message = {
      id: given.messageID ?? nextID(),
      sessionID,
      role: "user",
      agent: given.agent ?? "build",
      model: modelRef(model),
    }
    if (!written.has(message.id) && !users.has(message.id))
      written.set(message.id, {
        model,
        agent: message.agent,
        noReply: given.noReply === true,
        isTaken: false,
      })
    const input = { sessionID, ...(named !== undefined && { model: message.model }) }
    const parts = given.parts ?? [{ type: "text", text: "hi" }]
    await hooks["chat.message"](input, { message, parts: [...parts] } as never)
    await sleep(storeMs)
    if (isGone) return
    const stored = { ...message, model: { ...message.model } }
    users.set(stored.id, stored)
    tell("message.updated", { info: stored })
    tell("session.updated", { info: { id: sessionID } })
    if (given.noReply === true) return
    const mine = written.get(message.id)
    if (mine) mine.isTaken = true
    void ensureRunning()
  }

  const newestTaken = (): string =>
    [...written].findLast(([, { isTaken, noReply }]) => isTaken || noReply)?.[0] ?? ""

  /** The user presses Esc. */
  async function escape(): Promise<void> {
    // Whoever presses it while nothing seems to run may not be heard.
    if (run && !run.isHalted) ended = newestTaken()
    await cancel()
    mayBeEnded = newestTaken()
  }

  function put(user: User): void {
    users.set(user.id, user)
    tell("message.updated", { info: { sessionID, role: "user", ...user } })
  }

  /** What the user's `/compact` does. */
  async function summarize(
    { providerID, modelID }: User["model"],
    compacts: NonNullable<User["compacts"]>,
  ): Promise<void> {
    const message = { id: nextID(), agent: newest()?.agent ?? "build", model: { providerID, modelID } }
    put({ ...message, compacts })
    await ensureRunning()
  }

  async function ensureRunning(): Promise<void> {
    if (isGone) return
    if (run) return run.over
    const mine: Run = { stop: new AbortController(), over: Promise.resolve(), isHalted: false }
    run = mine
    mine.over = loop(mine).then(end, end)
    function end(): void {
      if (run !== mine) return
      run = undefined
      idle()
    }
    return mine.over
  }

  async function cancel(): Promise<void> {
    const mine = run
    if (!mine) {
      if (!isDying) idle()
      return
    }
    // From here on a prompt begins a run of its own.
    run = undefined
    isDying = true
    mine.stop.abort()
    await mine.over
    isDying = false
    if (!run) idle()
  }

  async function loop(mine: Run): Promise<void> {
    for (;;) {
      status("busy")
      const user = newest()
      const last = assistants.at(-1)
      if (last?.finish === "stop" && last.parentID === user.id) return
      // One that has failed is made up for by the next run.
      const finished = assistants.findLast(({ finish }) => finish !== undefined)?.id ?? ""
      const task = [...users.values()].findLast(({ id, compacts }) => compacts && id > finished)
      await sleep(preparesMs, mine.stop.signal)
      const message: Assistant = {
        id: nextID(),
        parentID: user.id,
        model: modelKey(user.model),
        isSummary: task !== undefined,
      }
      assistants.push(message)
      update(message)
      await step(mine, user, message)
      if (message.error !== undefined) return
      if (task?.compacts?.auto === true) put({ id: nextID(), agent: user.agent, model: user.model })
      if (task) tell("session.compacted", {})
    }
  }

  async function step(mine: Run, user: User, message: Assistant): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      status("busy")
      const said = await ask(mine, user, message)
      if ("finish" in said) {
        message.finish = said.finish
        if (said.finish === "tool-calls")
          tell("message.part.updated", { part: { sessionID, messageID: message.id, type: "tool" } })
        return update(message)
      }
      if (said.retryMs === undefined || attempt > ownRetries) return halt(mine, message, said.error)
      const { message: words } = (said.error as { data: { message: string } }).data
      status("retry", { attempt, message: words, next: Date.now() + said.retryMs })
      try {
        await sleep(said.retryMs, mine.stop.signal)
      } catch (error) {
        update(message)
        throw error
      }
    }
  }

  async function ask(mine: Run, user: User, message: Assistant): Promise<Said> {
    const ref = { providerID: user.model.providerID, id: user.model.modelID, api: { npm: "@ai-sdk/cohere" } }
    try {
      const agent = message.isSummary ? "compaction" : user.agent
      await hooks["chat.headers"]({ sessionID, agent, model: ref, message: user } as never, { headers: {} })
    } catch (error) {
      return { error: { name: "UnknownError", data: { message: String(error) } } }
    }
    const said = answer(message.model)
    asked.push({
      model: message.model,
      messageID: user.id,
      atMs: Date.now(),
      said,
      isEnded: user.id <= ended,
      isSummary: message.isSummary,
    })
    try {
      await sleep(asksMs, mine.stop.signal)
    } catch (error) {
      await halt(mine, message, aborted)
      throw error
    }
    return said
  }

  /** A failed run is called idle here, and lives on for a moment. */
  async function halt(mine: Run, message: Assistant, error: unknown): Promise<void> {
    message.error = error
    mine.isHalted = !mine.stop.signal.aborted
    tell("session.error", { error })
    idle()
    await sleep(cleanupMs)
    update(message)
  }

  return {
    world,
    sessionID,
    users,
    assistants,
    asked,
    lines,
    toasts,
    written,
    ended: () => ended,
    mayBeEnded: () => mayBeEnded,
    isGone: () => isGone,
    prompt,
    compact: () => summarize(modelRef(model ?? "a/own"), { auto: false, isOurs: false }),
    escape,
    isAtWork: () => run !== undefined || isDying,
    remove: (): void => {
      isGone = true
      run?.stop.abort()
      tell("session.deleted", { info: { id: sessionID } })
    },
    whenIdle: (then: () => void): void => {
      onIdle = then
    },
  }
}
