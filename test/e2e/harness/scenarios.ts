import { afterAll, beforeAll, test } from "bun:test"
import { startHost } from "./host.ts"
import type { Host } from "./host.ts"
import type { HostOptions } from "./host-options.ts"

const START_LIMIT_MS = 60_000
/** On a machine that runs four files at once; a quiet one takes a second or two. */
const SCENARIO_LIMIT_MS = 45_000
const LOG_LINES = 40

export type ScenarioOf<AnyHost> = (
  title: string,
  body: (host: AnyHost) => Promise<void>,
  limitMs?: number,
) => void

export type Scenario = ScenarioOf<Host>

/** Scenarios on one OpenCode 1 for the whole file (or `describe` block). */
export function scenarios(options: HostOptions = {}): Scenario {
  return scenariosOn(() => startHost(options), test)
}

/**
 * Starts one host for all scenarios of the file (or of the `describe` block) and returns the function that adds a
 * scenario. When one fails, what the simulator was asked and the end of OpenCode's log are printed.
 */
export function scenariosOn<AnyHost extends Reported>(
  start: () => Promise<AnyHost>,
  test: (title: string, body: () => Promise<void>, limitMs: number) => void,
): ScenarioOf<AnyHost> {
  let host: AnyHost | undefined
  beforeAll(async () => {
    host = await start()
  }, START_LIMIT_MS)
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]()
  }, START_LIMIT_MS)
  return (title, body, limitMs = SCENARIO_LIMIT_MS) => {
    test(
      title,
      async () => {
        if (host === undefined) throw new Error("OpenCode did not start: see beforeAll")
        const before = performance.now()
        try {
          await within(limitMs - 500, body(host))
        } catch (error) {
          console.error(await report(title, host, before))
          throw error
        }
      },
      limitMs,
    )
  }
}

/** Rejects shortly before bun's own limit, which would end the test without the report. */
async function within(limitMs: number, body: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`The scenario took longer than ${limitMs} ms`)), limitMs)
  try {
    await Promise.race([body, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What the report of a failure needs of a host. */
type Reported = AsyncDisposable &
  Pick<Host, "simulator" | "logs"> & {
    readonly toasts?: Host["toasts"]
  }

async function report(title: string, host: Reported, sinceMs: number): Promise<string> {
  const requests = host.simulator.requests().filter((request) => request.atMs >= sinceMs)
  const asked = requests.map((request) => {
    const at = String(Math.round(request.atMs - sinceMs)).padStart(6)
    const answer = `${request.answeredBy ?? "no answer yet"} ${request.status ?? ""}`.trim()
    return `${at} ms  ${request.model} (${request.purpose}) → ${answer}${request.clientAborted ? ", client left" : ""}`
  })
  const toasts = (host.toasts?.() ?? []).map((toast) => `${toast.variant}: ${toast.title} ${toast.message}`)
  const log = (await host.logs()).trimEnd().split("\n").slice(-LOG_LINES)
  return [`--- ${title}`, "requests:", ...asked, "toasts:", ...toasts, "log:", ...log, "---"].join("\n")
}
