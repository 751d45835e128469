import type { Turn } from "../../../src/turn/turn.ts"

/** A turn of `ses_1` that has just begun. */
export function turnOf(change: Partial<Turn>): Turn {
  return {
    sessionID: "ses_1",
    messageID: "msg_1",
    own: "a/own",
    inUse: "a/own",
    carried: { agent: "build" },
    needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
    tried: [],
    attempts: 0,
    phase: { is: "running" },
    keepOwn: false,
    ...change,
  }
}
