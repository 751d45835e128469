import { defaultSettings } from "../../src/config/schema.ts"
import { modelKey } from "../../src/core/model-ref.ts"
import type { Store } from "../../src/store/store.ts"

/** The plugin's engine in this process, told what OpenCode tells of healthy turns. */
export type BenchEngine = {
  /** A message of the user opens a turn. */
  readonly begin: (sessionID: string) => Promise<unknown>
  /** The same request as if the plugin were not there. */
  readonly plain: (url: string) => Promise<Response>
  /** The turn's next request, as OpenCode makes it, with everything that the plugin is asked around it. */
  readonly send: (sessionID: string, url: string) => Promise<Response>
  /** A whole turn with one request, whose answer is read to its end. */
  readonly turn: (sessionID: string, url: string) => Promise<void>
  readonly dispose: () => Promise<void>
}

export type OpenEngine = (store: Store) => Promise<BenchEngine>

export const benchModel = { providerID: "bench", modelID: "bench" }

/** One model that could take over. */
export function benchSettings() {
  return {
    settings: {
      ...defaultSettings(),
      fallback_models: [{ model: modelKey({ ...benchModel, modelID: "other" }) }],
    },
    files: [],
    elsewhere: [],
    origins: () => Promise.resolve([]),
  }
}

/** A request of a step, as `fetch` takes it. */
export function stepRequest(headers: Readonly<Record<string, string>> = {}) {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"model":"bench","stream":true,"messages":[]}',
  }
}

let sessions = 0

/** What engines know of sessions is the process's: no two measurements may have the same one. */
export function newSessionID(): string {
  sessions += 1
  return `ses_${sessions}`
}

/** As it was before any engine was there. */
export const plainFetch = globalThis.fetch

/** @returns how many bytes it had */
export async function readAll(response: Response): Promise<number> {
  let bytes = 0
  for await (const chunk of response.body ?? []) bytes += chunk.length
  return bytes
}
