import { setTimeout } from "node:timers/promises"
import type { Catalog } from "../../core/catalog.ts"
import { asArray, field, text } from "../../core/json-object.ts"
import { readCatalog } from "../../opencode/v2/host/read-catalog.ts"
import type { Result } from "../terminal/result.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type Get, withPrivateServer } from "./private-server.ts"

/** Between two looks at a server that is still reading the project. */
const pauseMs = 500
/** Half a minute: it may be installing plugins. What it says then is taken as it is. */
const mostLooks = 60

/** What OpenCode 2 says of its models, and of its agents, as it came. */
type Lists = { readonly models: Catalog; readonly agents: readonly unknown[] }

/** Asks an OpenCode 2, plugins and all. */
export function askLists(
  openCode: string,
  place: Pick<Terminal, "env" | "directory">,
): Promise<Result<Lists>> {
  return withPrivateServer(openCode, place, (get) =>
    settledLists(get, `location%5Bdirectory%5D=${encodeURIComponent(place.directory)}`),
  )
}

/**
 * A server answers while it still reads the project: with nothing at first, then with its own provider's models alone
 * (2.0.15). What it says twice in a row counts, once no plugin is on its way any more.
 */
export async function settledLists(
  get: Get,
  location: string,
  pause: () => Promise<unknown> = () => setTimeout(pauseMs),
): Promise<Result<Lists>> {
  let before = ""
  for (let looks = 1; ; looks += 1) {
    const [models, agents, plugins] = await Promise.all(
      ["model", "agent", "plugin"].map((what) => get(`/api/${what}?${location}`)),
    )
    const now = JSON.stringify([models, agents])
    const lists = { models: readCatalog(models), agents: asArray(field(agents, "data")) }
    const isThere = lists.models.known && lists.agents.length > 0
    if (isThere && ((now === before && areLoaded(plugins)) || looks >= mostLooks))
      return { ok: true, value: lists }
    if (looks >= mostLooks) return { ok: false, why: "it names no model, or no agent" }
    before = now
    await pause()
  }
}

/** OpenCode lists those of its own as well: with none it has not read the project yet (2.0.15). */
function areLoaded(plugins: unknown): boolean {
  const states = asArray(field(plugins, "data")).map((plugin) => text(field(plugin, "state"), "status"))
  return states.length > 0 && states.every((status) => status === "active" || status === "failed")
}
