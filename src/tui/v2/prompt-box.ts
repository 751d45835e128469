import { field } from "../../core/json-object.ts"
import { readReference, sameReference } from "../../opencode/v2/model-reference.ts"
import type { AskServer } from "./ask-server.ts"
import type { TuiContext } from "./context.ts"

/**
 * Keeps the user's own model in the prompt box while the session stands on a fallback: what the box names is what a
 * new session, a change of agent and the next prompt begin with, as if it were the user's choice. The footer of each
 * answer still names the model that has given it.
 *
 * @param follow runs something now, and again whenever what it has read of the terminal's state changes
 */
export function keepOwnInBox(
  { ui, data: { session } }: Pick<TuiContext, "ui" | "data">,
  { loan }: Pick<AskServer, "loan">,
  follow: (run: () => void) => void,
): void {
  const shown = (sessionID: string) => readReference(field(session?.get(sessionID), "model"))
  const keepOwn = async (sessionID: string): Promise<void> => {
    const lent = await loan(sessionID)
    const info = session?.get(sessionID)
    const model = shown(sessionID)
    if (info && model && lent && sameReference(model, lent.inUse))
      session?.remember?.({ ...info, model: lent.own })
  }
  follow(() => {
    const { sessionID } = ui.router.current()
    if (sessionID === undefined || !shown(sessionID)) return
    // The server's half may be off or not there yet: the box stays as it is.
    keepOwn(sessionID).catch(() => undefined)
  })
}
