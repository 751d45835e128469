import { afterAll, beforeAll, test } from "bun:test"
import type { Served } from "./any-host.ts"
import type { HostOptions } from "./host-options.ts"
import { type Host, startHost } from "./host.ts"

const START_LIMIT_MS = 200_000
/** On a machine that runs three files at once; a quiet one takes a second or two. */
const SCENARIO_LIMIT_MS = 160_000
const LOG_LINES = 40

export type ScenarioOf<AnyHost> = (
  title: string,
  body: (host: AnyHost) => Promise<void>,
  limitMs?: number,
) => void

export type Scenario = ScenarioOf<Host>

const hosts = sharedHosts(startHost)

/** Scenarios on an OpenCode 1. All of a file that ask for the same options share one. */
export function scenarios(options: HostOptions = {}): Scenario {
  return scenariosOn(hosts(options), test)
}

/** A host that several users wait for; the last one that leaves ends it. */
export type SharedHost<AnyHost> = {
  readonly start: () => Promise<AnyHost>
  readonly leave: () => Promise<void>
}

/**
 * Gives each user of the same options the same host: a start costs as much as thirty prompts. Its first prompt, which
 * keeps OpenCode busy for seconds, is over when the scenarios begin: what they measure and cut off is their own.
 */
export function sharedHosts<AnyHost extends Served>(
  start: (options: HostOptions) => Promise<AnyHost>,
): (options: HostOptions) => SharedHost<AnyHost> {
  const known = new Map<string, { users: number; host?: Promise<AnyHost> }>()
  // Users whose tests are all left out (`-t`) never come, and never leave. The next file of the same run shares this
  // module with the first one, and must not be given a host that has ended.
  afterAll(async () => {
    const left = [...known.values()]
    known.clear()
    for (const { host } of left) await (await host)?.[Symbol.asyncDispose]()
  }, START_LIMIT_MS)
  return (options) => {
    const key = JSON.stringify(options)
    const shared = known.get(key) ?? { users: 0 }
    known.set(key, shared)
    shared.users += 1
    return {
      start: () => (shared.host ??= start(options).then(warmUp)),
      leave: async () => {
        shared.users -= 1
        if (shared.users > 0) return
        known.delete(key)
        await (await shared.host)?.[Symbol.asyncDispose]()
      },
    }
  }
}

async function warmUp<AnyHost extends Served>(host: AnyHost): Promise<AnyHost> {
  await (await host.session()).prompt("warm up", { model: "alpha/m29" })
  return host
}

/**
 * Returns the function that adds a scenario on this host. When one fails, what the simulator was asked and the end of
 * OpenCode's log are printed.
 */
export function scenariosOn<AnyHost extends Reported>(
  shared: SharedHost<AnyHost>,
  test: (title: string, body: () => Promise<void>, limitMs: number) => void,
): ScenarioOf<AnyHost> {
  let host: AnyHost | undefined
  beforeAll(async () => {
    host = await shared.start()
  }, START_LIMIT_MS)
  afterAll(shared.leave, START_LIMIT_MS)
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
