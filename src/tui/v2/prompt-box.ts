import { withinTime } from "../../async/within-time.ts"
import { field, text } from "../../core/json-object.ts"
import { readReference, sameReference } from "../../opencode/v2/host/model-reference.ts"
import type { Loan } from "../../opencode/v2/lending/stored-loan.ts"
import type { AskServer } from "./ask-server.ts"
import type { SwitchModel, TuiContext } from "./context.ts"

/** The prompt box and the prompt wait for the answer. */
const longestAskingMs = 1_000

/**
 * Keeps the user's own model in the prompt box while the session stands on a fallback: what the box names is what a
 * new session, a change of agent and the next prompt begin with, as if it were the user's choice. The footer of each
 * answer still names the model that has given it.
 *
 * @param follow runs something now, and again whenever what it has read of the terminal's state changes
 */
export function keepOwnInBox(
  { ui, client, data }: Pick<TuiContext, "ui" | "client" | "data">,
  { loan }: Pick<AskServer, "loan">,
  follow: (run: () => void) => void,
): void {
  const { session } = data
  /** Of the sessions that stand elsewhere. */
  const known = new Map<string, Loan>()
  const shown = (sessionID: string) => readReference(field(session?.get(sessionID), "model"))
  const keepOwn = async (sessionID: string): Promise<void> => {
    const told = await withinTime(loan(sessionID), longestAskingMs).catch(() => undefined)
    // A server in the place of one that was killed shows the session as that one left it, before it has a half of ours.
    const lent = told === undefined ? known.get(sessionID) : told
    const info = session?.get(sessionID)
    const model = shown(sessionID)
    if (!info || !model || !lent || !sameReference(model, lent.inUse)) return
    session?.remember?.({ ...info, model: lent.own })
    known.set(sessionID, lent)
  }
  data.on("session.model.selected", (event) => known.delete(text(event.data, "sessionID") ?? ""))
  spareSwitches(client, async ({ sessionID, model }) => {
    const isShown = [known.get(sessionID)?.own, shown(sessionID)].every(
      (own) => own && sameReference(own, model),
    )
    if (!isShown) return false
    // Of the end of the loan nobody tells where the server was killed.
    const lent = await withinTime(loan(sessionID), longestAskingMs)
    return lent ? sameReference(lent.own, model) : false
  })
  follow(() => {
    const { sessionID } = ui.router.current()
    if (sessionID === undefined || !shown(sessionID)) return
    // The server's half may be off or not there yet: the box stays as it is.
    keepOwn(sessionID).catch(() => undefined)
  })
}

/**
 * With each prompt the terminal puts the session on the model that the box shows already (2.0.15). One that joins a
 * turn on a fallback would be switched there and back, with a row in the session for each.
 */
function spareSwitches(
  { session }: TuiContext["client"],
  isNeedless: (to: SwitchModel) => Promise<boolean>,
): void {
  const switchModel = session?.switchModel?.bind(session)
  if (!session || !switchModel) return
  const spared: typeof switchModel = async (to, ...rest) =>
    (await isNeedless(to).catch(() => false)) ? undefined : switchModel(to, ...rest)
  // Where it cannot be replaced, the rows stay.
  Reflect.set(session, "switchModel", spared)
}
