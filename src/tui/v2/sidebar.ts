import type { CircuitRecord } from "../../core/circuit.ts"
import type { SidebarFacts } from "../../notify/sidebar-facts.ts"
import { clockText } from "../clock-text.ts"
import type { Panel } from "../panel-model.ts"
import { keysAmong, type PanelFacts } from "../panel-facts.ts"
import { afterTimeout, watchPanel } from "../panel-watch.ts"
import type { AskServer } from "./ask-server.ts"
import type { TuiContext } from "./context.ts"

/** Events after which health, the journal or the models in use may be different. */
const telling = [
  "session.execution.succeeded",
  "session.execution.failed",
  "session.execution.interrupted",
  "session.retry.scheduled",
  "session.model.selected",
  "session.step.ended",
] as const

/** Shows a session's panel from now on; gives the way to end that. What it shows comes from the server's half. */
export function watchSidebar(
  { data }: Pick<TuiContext, "data">,
  server: AskServer,
  now: () => number,
): (sessionID: string, show: (panel: Panel) => void) => () => void {
  return (sessionID, show) => {
    let facts: SidebarFacts | undefined
    const read = (): PanelFacts => panelFacts(facts, now())
    // A panel that cannot be drawn is empty; the rest of the sidebar stands.
    const watch = watchPanel({ sessionID, read, show, report: () => undefined, after: afterTimeout })
    const refresh = (): void => {
      const found = server.sidebar(sessionID).then((newer) => {
        facts = newer
        return watch.poke()
      })
      // The server's half may be off or not there yet: the panel stays as it is.
      found.catch(() => undefined)
    }
    const ends = telling.map((type) => data.on(type, refresh))
    refresh()
    return () => {
      for (const end of ends) end()
      watch.stop()
    }
  }
}

function panelFacts(facts: SidebarFacts | undefined, now: number): PanelFacts {
  const circuits = new Map<string, CircuitRecord>(facts?.circuits.map((circuit) => [circuit.key, circuit]))
  return {
    own: facts?.own,
    inUse: facts?.inUse,
    chain: facts?.chain ?? [],
    circuit: (key) => circuits.get(key),
    journal: facts?.journal ?? [],
    keys: keysAmong(circuits.values()),
    limits: facts?.limits ?? [],
    now,
    clock: (at) => clockText(at, now),
    nameOf: (model) => facts?.names[model] ?? model,
  }
}
