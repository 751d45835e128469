import { explainSwitch } from "../core/classify/explain-kind.ts"
import type { JournalEntry, Store } from "../store/store.ts"
import { type RunHook, runHook } from "./run-hook.ts"

/** What the user's command gets on its standard input, one JSON document for each event. */
export type SwitchEvent =
  | JournalEntry
  | (Pick<JournalEntry, "at" | "sessionID" | "kind"> & {
      readonly event: "key_changed"
      readonly provider: string
      readonly fromKey: number
      readonly toKey: number
    })

export type OnSwitch = ReturnType<typeof createOnSwitch>

type OnSwitchDeps = {
  /** The program and its arguments, as they are: no shell reads them. */
  readonly command: readonly [string, ...string[]]
  readonly log: (level: "warn", message: string) => void
  /** A test puts another one in its place. */
  readonly run?: RunHook
}

/** At most this many at the same time. */
const mostRunning = 4
/** What more waits; an outage that hits more sessions at once is not reported for each of them. */
const mostWaiting = 20
const longestMs = 10_000

/**
 * Runs the user's own command for each switch, return, key change and exhausted chain. A command that fails, hangs
 * or cannot be started costs a line in the log and nothing else.
 */
export function createOnSwitch({ command, log, run = runHook }: OnSwitchDeps) {
  const waiting: SwitchEvent[] = []
  let running = 0
  let dropped = 0

  const next = (): void => {
    const event = running < mostRunning ? waiting.shift() : undefined
    if (!event) return
    running += 1
    const input = `${JSON.stringify(switchDocument(event))}\n`
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
    /** Never throws and never waits. */
    notify: (event: SwitchEvent): void => {
      waiting.push(event)
      if (waiting.length > mostWaiting) {
        waiting.shift()
        dropped += 1
      }
      next()
    },
  }
}

/** The same store, whose journal is also sent to the user's command. */
export function notifyingStore(store: Store, onSwitch: OnSwitch): Store {
  return {
    ...store,
    appendJournal: (entry) => {
      store.appendJournal(entry)
      onSwitch.notify(entry)
    },
  }
}

/** Every key is always there, so that a script need not ask which: what is not known is null. */
function switchDocument(event: SwitchEvent): Readonly<Record<string, unknown>> {
  const base = {
    event: event.event,
    at: new Date(event.at).toISOString(),
    sessionID: event.sessionID,
    kind: event.kind ?? null,
    message: messageOf(event),
  }
  if (event.event === "key_changed") {
    const { provider, fromKey, toKey } = event
    return { ...base, provider, fromKey, toKey }
  }
  const { from, to, durationMs, detail } = event
  return { ...base, from, to: to ?? null, durationMs: durationMs ?? null, detail: detail ?? null }
}

function messageOf(event: SwitchEvent): string {
  const why = explainSwitch(event)
  switch (event.event) {
    case "switched":
      return `${event.from}: ${why}. Continuing with ${event.to ?? "nobody"}.`
    case "returned":
      return `${event.to ?? event.from} is back in use.`
    case "exhausted":
      return `${event.from}: ${why}. No other model is left.`
    case "key_changed":
      return `${event.provider}, key ${event.fromKey}: ${why}. Continuing with key ${event.toKey}.`
  }
}
