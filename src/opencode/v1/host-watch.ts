import type { Host } from "../../host/host.ts"
import { createSelfCheck } from "./self-check.ts"

export type HostWatch = ReturnType<typeof createHostWatch>

const shownMs = 15_000

/** The self-check at work: findings go to the log and to the screen. */
export function createHostWatch(host: Pick<Host, "log" | "toast">) {
  const check = createSelfCheck()

  return {
    ...check,
    /**
     * Whether OpenCode may speak to OpenAI over WebSockets: asked for by the user, and always so in builds that
     * never were a release. What is put on such a request leaves with the upgrade, past `fetch`.
     */
    webSocketsOn: () => check.isUnreleased() || isOn(process.env["OPENCODE_EXPERIMENTAL_WEBSOCKETS"]),
    onEvent: (event: unknown, wasAborted: (sessionID: string) => boolean): void => {
      const message = check.onEvent(event, wasAborted)
      if (message === undefined) return
      host.log("warn", message)
      void host.toast({ title: "Understudy", message, variant: "warning", durationMs: shownMs })
    },
  }
}

/** As OpenCode reads its own switches, erring towards "on". */
function isOn(text: string | undefined): boolean {
  return text !== undefined && !["", "0", "false", "no", "off", "n"].includes(text.toLowerCase())
}
