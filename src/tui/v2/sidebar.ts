import type { SidebarFacts } from "../../notify/sidebar-facts.ts"
import { type Panel, type PanelFacts, panelName } from "../panel-model.ts"
import { afterTimeout, watchPanel } from "../panel-watch.ts"
import { type AskServer, replyEvent } from "./ask-server.ts"
import type { TuiContext } from "./context.ts"

/** Events after which health, the journal or the models in use may be different. */
const telling = [
  "session.execution.succeeded",
  "session.execution.failed",
  "session.execution.interrupted",
  "session.retry.scheduled",
  "session.model.selected",
  "session.step.ended",
  // `/understudy reset` and `hold`, in whichever terminal, change nothing of the sessions.
  replyEvent,
] as const

/** Shows a session's panel from now on; gives the way to end that. What it shows comes from the server's half. */
export function watchSidebar(
  { data }: Pick<TuiContext, "data">,
  server: AskServer,
  now: () => number,
): (sessionID: string, show: (panel: Panel) => void) => () => void {
  return (sessionID, show) => {
    let facts: SidebarFacts | undefined
    const nameOf: PanelFacts["nameOf"] = (model) => panelName(model, facts?.names[model])
    const read = (): PanelFacts | undefined => facts && { ...facts, now: now(), nameOf }
    // A panel that cannot be drawn is empty; the rest of the sidebar stands.
    const watch = watchPanel({ read, show, report: () => undefined, after: afterTimeout })
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
