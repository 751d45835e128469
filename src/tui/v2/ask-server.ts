import { field } from "../../core/json-object.ts"
import type { SidebarFacts } from "../../notify/sidebar-facts.ts"
import type { Loan } from "../../opencode/v2/lending/stored-loan.ts"
import { rpcID } from "../../opencode/v2/tui-link.ts"
import type { TuiContext } from "./context.ts"

export const toastEvent = `rpc.${rpcID}.toast`
export const replyEvent = `rpc.${rpcID}.reply`

export type AskServer = ReturnType<typeof askServer>

/** What this half asks of the one in the server. Each rejects when the server does not answer. */
export function askServer({ client, location }: Pick<TuiContext, "client" | "location">) {
  const call = async (method: string, input: unknown): Promise<unknown> => {
    const directory = location?.directory
    const place = directory === undefined ? {} : { location: { directory } }
    return field(await client.rpc.call({ rpcID, method, input, ...place }), "output")
  }
  return {
    /** The reply is on the screen. */
    shown: async (replyID: string): Promise<void> => {
      await call("shown", { replyID })
    },
    /** Where the session has been lent a model until its turn is over. */
    // The server's half is this very package.
    loan: async (sessionID: string) => (await call("loan", { sessionID })) as Loan | null,
    sidebar: async (sessionID: string) => (await call("sidebar", { sessionID })) as SidebarFacts,
  }
}
