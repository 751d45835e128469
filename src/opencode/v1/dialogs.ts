import { BoundedMap } from "../../core/bounded-map.ts"
import type { Host } from "../../host/host.ts"
import type { Sessions } from "../../turn/sessions.ts"
import { isOnOwn } from "../../turn/transitions.ts"
import type { Turn } from "../../turn/turn.ts"
import type { HostEvent } from "./read-event.ts"

export type Dialogs = {
  readonly onDialog: (event: Extract<HostEvent, { type: "dialog" }>) => Promise<void>
  /** A tool has run; OpenCode waits for this before the loop goes on. */
  readonly onToolRan: (sessionID: string) => Promise<void>
  /** The session is at rest, or gone. */
  readonly forget: (sessionID: string) => void
}

export type DialogsDeps = {
  readonly host: Pick<Host, "giveBack" | "lend">
  readonly sessions: Sessions
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly now: () => number
}

type Open = { readonly requests: Set<string>; answeredAt: number }

const mostSessions = 500
/** The terminal draws what has come every 16 ms, and a busy machine later. */
const drawnWithinMs = 150

/**
 * While a permission or a question is open the terminal interface has no prompt box, and the one that it builds
 * afterwards takes its model from the session's newest message (1.18.33): were that lent then, the stand-in would be
 * the user's choice from there on. So the message is the user's own as long as somebody is asked, and is lent again
 * before the loop goes on. Of a subagent's requests it is the session at the top that shows them.
 */
export function createDialogs({ host, sessions, pause, now }: DialogsDeps): Dialogs {
  /** Sessions whose message was given back for it. */
  const open = new BoundedMap<string, Open>(mostSessions)

  const topOf = (sessionID: string): string => {
    const { parentID } = sessions.get(sessionID)
    return parentID === undefined ? sessionID : topOf(parentID)
  }

  const onAnswered = (top: string, requestID: string): void => {
    const known = open.get(top)
    if (known?.requests.delete(requestID)) known.answeredAt = now()
  }

  return {
    onDialog: async ({ sessionID, requestID, isOpen }) => {
      const top = topOf(sessionID)
      if (!isOpen) return onAnswered(top, requestID)
      const turn = sessions.turn(top)
      if (!turn || !isLent(turn)) return
      const known = open.get(top) ?? { requests: new Set(), answeredAt: 0 }
      known.requests.add(requestID)
      open.set(top, known)
      await host.giveBack(top, { upTo: turn.messageID, isBusy: true })
    },
    onToolRan: async (sessionID) => {
      const known = open.get(sessionID)
      if (!known || known.requests.size > 0) return
      open.delete(sessionID)
      await pause(Math.max(0, known.answeredAt + drawnWithinMs - now()), undefined)
      const turn = sessions.turn(sessionID)
      if (turn && isLent(turn)) await host.lend(turn, turn.inUse)
    },
    forget: (sessionID) => open.delete(sessionID),
  }
}

function isLent(turn: Turn): boolean {
  return turn.phase.is === "running" && !isOnOwn(turn)
}
