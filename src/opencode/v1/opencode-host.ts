import type { PluginInput } from "@opencode-ai/plugin"
import type { Catalog } from "../../core/catalog.ts"
import { field } from "../../core/json-object.ts"
import { modelRef } from "../../core/model-ref.ts"
import { type Host, type HostSettings, isLogged, type LogLevel } from "../../host/host.ts"
import { check } from "./host/check-answer.ts"
import { createHalfMadeCalls, type HalfMadeCalls } from "./host/half-made-calls.ts"
import { textsOf } from "./host/read-user-message.ts"
import { createRunCommand } from "./host/run-command.ts"
import type { TurnHost } from "./host/turn-host.ts"
import { type AskInChild, createAskInChild } from "./in-flight/ask-in-child.ts"
import { createLentMessages, type LentMessages } from "./lending/lent-messages.ts"

type Client = PluginInput["client"]

/** How long the list of models is believed before OpenCode is asked again. A new config makes a new plugin. */
const catalogAgeMs = 300_000
/** After a failed or empty answer OpenCode is asked again soon. */
const catalogRetryMs = 2_000

/** A start that goes wrong writes a handful of lines. */
const mostEarlyLines = 200

export type OpenCodeHost = TurnHost &
  LentMessages &
  HalfMadeCalls & {
    /** Until this is called the log begins with `info`, and all toasts are shown. */
    readonly configure: (settings: HostSettings) => void
    /** What OpenCode's configuration says of compactions. */
    readonly noteCompaction: (settings: unknown) => void
    /**
     * OpenCode takes calls from now on. While it loads its plugins and runs their `config` hooks it does not:
     * what is logged until then is kept.
     */
    readonly isUp: () => void
    readonly askInChild: AskInChild
    /** What the user has written in this message; nothing where OpenCode does not give it out. */
    readonly promptText: (sessionID: string, messageID: string) => Promise<string>
  }

/** The adapter to a running OpenCode, version 1 of its plugin interface. */
export function createOpenCodeHost(client: Client, now: () => number): OpenCodeHost {
  let minimum: LogLevel = "info"
  let showsToasts = true
  let compaction: unknown
  /** Lines written before OpenCode can take them; `undefined` once it can. */
  let early: (() => void)[] | undefined = []
  let cached: { readonly at: number; readonly catalog: Promise<Catalog> } | undefined

  const log: Host["log"] = (level, message) => {
    if (!isLogged(level, minimum)) return
    const body = { service: "understudy", level, message: named(message) }
    const write = (): void => {
      // Nowhere is left to report that the log itself cannot be written.
      client.app.log({ body }).catch(() => undefined)
    }
    if (early === undefined) write()
    else if (early.length < mostEarlyLines) early.push(write)
  }

  const askCatalog = async (askedAt: number): Promise<Catalog> => {
    const catalog = await client.config.providers().then(
      async (answer) => (await import("./host/read-catalog.ts")).readCatalog(answer.data, compaction),
      (): Catalog => ({ known: false }),
    )
    // As if it had been asked long ago, so that it is soon asked again.
    if (!catalog.known && cached) cached = { ...cached, at: askedAt - catalogAgeMs + catalogRetryMs }
    return catalog
  }

  const messages = createLentMessages(client, log)
  const run = createRunCommand(client)

  return {
    log,
    configure: ({ log_level, notify_on_fallback }) => {
      minimum = log_level
      showsToasts = notify_on_fallback
    },
    noteCompaction: (settings) => {
      compaction = settings
    },
    isUp: () => {
      const lines = early
      early = undefined
      for (const write of lines ?? []) write()
    },
    ...messages,
    ...createHalfMadeCalls(client),
    askInChild: createAskInChild(client),
    promptText: async (id, messageID) => {
      const { data } = await client.session.message({ path: { id, messageID } })
      return textsOf(field(data, "parts")).join("\n")
    },
    summarize: async (sessionID, model, goesOn) => {
      const body = { ...modelRef(model), auto: goesOn }
      check("compact the session", await client.session.summarize({ path: { id: sessionID }, body }))
    },
    replay: async (message, on) => {
      await run.willEnd(message.sessionID)
      await messages.replay(message, on)
    },
    abort: async (sessionID) => {
      await run.willEnd(sessionID)
      check("abort the session", await client.session.abort({ path: { id: sessionID } }))
    },
    sumsUp: () => field(compaction, "auto") !== false,
    catalog: () => {
      if (cached && now() - cached.at < catalogAgeMs) return cached.catalog
      const catalog = askCatalog(now())
      cached = { at: now(), catalog }
      return catalog
    },
    toast: async (toast) => {
      if (!showsToasts || run.tell(toast.line ?? toast.message)) return
      const body = {
        title: toast.title,
        message: toast.message,
        variant: toast.variant,
        duration: toast.durationMs,
      }
      await client.tui
        .showToast({ body })
        .then((answer) => check("show the toast", answer))
        .catch((error: unknown) => log("warn", `the toast could not be shown: ${String(error)}`))
    },
  }
}

/** OpenCode 1.18 writes the message and leaves out the service: without our name nobody could find our lines. */
function named(message: string): string {
  return /^understudy\b/i.test(message) ? message : `Understudy: ${message}`
}
