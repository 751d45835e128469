import { explainKind } from "../core/classify/explain-kind.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { Store } from "../store/store.ts"
import { type TellProgram, tellProgram } from "./tell-program.ts"

/** What the user's command is told on its standard input, one JSON document for each event. */
export type SwitchNews = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly sessionID: string
  readonly kind?: FailureKind
} & (
  | {
      readonly event: "switched" | "returned" | "exhausted"
      readonly from: ModelKey
      readonly to?: ModelKey
      readonly durationMs?: number
      readonly detail?: string
    }
  | {
      readonly event: "key_changed"
      readonly provider: string
      readonly fromKey: number
      readonly toKey: number
    }
)

export type OnSwitch = {
  /** Never throws and never waits. */
  readonly tell: (news: SwitchNews) => void
}

export type OnSwitchDeps = {
  /** The program and its arguments, as they are: no shell reads them. */
  readonly command: readonly [string, ...string[]]
  readonly log: (level: "warn", message: string) => void
  /** A test puts another one in its place. */
  readonly run?: TellProgram
}

/** At most this many at the same time. */
const mostRunning = 4
/** What more waits; an outage that hits more sessions at once is not told for each of them. */
const mostWaiting = 20
const longestMs = 10_000

/**
 * Runs the user's own command for each switch, return, key change and exhausted chain. A command that fails, hangs
 * or cannot be started costs a line in the log and nothing else.
 */
export function createOnSwitch({ command, log, run = tellProgram }: OnSwitchDeps): OnSwitch {
  const waiting: SwitchNews[] = []
  let running = 0
  let dropped = 0

  const next = (): void => {
    const news = running < mostRunning ? waiting.shift() : undefined
    if (!news) return
    running += 1
    const input = `${JSON.stringify(switchDocument(news))}\n`
    void runAndReport(input).finally(() => {
      running -= 1
      if (dropped > 0 && waiting.length === 0) {
        log("warn", `on_switch: ${dropped} events were dropped, because ${command[0]} is too slow`)
        dropped = 0
      }
      next()
    })
  }

  const runAndReport = async (input: string): Promise<void> => {
    try {
      const problem = await run({ command, input, longestMs })
      if (problem !== undefined) log("warn", `on_switch: ${command[0]} ${problem}`)
    } catch (error) {
      log("warn", `on_switch: ${String(error)}`)
    }
  }

  return {
    tell: (news) => {
      waiting.push(news)
      if (waiting.length > mostWaiting) {
        waiting.shift()
        dropped += 1
      }
      next()
    },
  }
}

/** The same store, whose journal is told to the user's command, too. */
export function tellingStore(store: Store, onSwitch: OnSwitch): Store {
  return {
    ...store,
    appendJournal: (entry) => {
      store.appendJournal(entry)
      onSwitch.tell(entry)
    },
  }
}

/** Every key is always there, so that a script need not ask which: what is not known is null. */
function switchDocument(news: SwitchNews): Readonly<Record<string, unknown>> {
  const base = {
    event: news.event,
    at: new Date(news.at).toISOString(),
    sessionID: news.sessionID,
    kind: news.kind ?? null,
    message: messageOf(news),
  }
  if (news.event === "key_changed") {
    const { provider, fromKey, toKey } = news
    return { ...base, provider, fromKey, toKey }
  }
  const { from, to, durationMs, detail } = news
  return { ...base, from, to: to ?? null, durationMs: durationMs ?? null, detail: detail ?? null }
}

/** One line for people. */
function messageOf(news: SwitchNews): string {
  const why = news.kind === undefined ? "cannot be used now" : explainKind(news.kind)
  switch (news.event) {
    case "switched":
      return `${news.from}: ${why}. Continuing with ${news.to ?? "nobody"}.`
    case "returned":
      return `${news.to ?? news.from} is back in use.`
    case "exhausted":
      return `${news.from}: ${why}. No other model is left.`
    case "key_changed":
      return `${news.provider}, key ${news.fromKey}: ${why}. Continuing with key ${news.toKey}.`
  }
}
