import { providerOf, type ModelKey } from "../../core/model-ref.ts"
import type { Host } from "../../host/host.ts"
import { createSelfCheck, observationIn, type Observation } from "./self-check.ts"

/** The self-check at work: findings go to the log and, where toasts are wanted, to the screen. */
export type HostWatch = {
  /** This version of OpenCode is not supported: nothing may be done at all. */
  readonly isHostUnsupported: () => boolean
  /**
   * Whether OpenCode may speak to OpenAI over WebSockets: asked for by the user, and always so in builds that
   * never were a release. What is put on such a request leaves with the upgrade, past `fetch`.
   */
  readonly webSocketsOn: () => boolean
  /** Whether a step on this model may be handled in flight. */
  readonly mayMark: (model: ModelKey) => boolean
  readonly onMarked: (model: ModelKey) => void
  readonly onCaught: (model: ModelKey) => void
  readonly onStep: (sessionID: string) => void
  readonly onEvent: (event: unknown, wasAborted: (sessionID: string) => boolean) => void
  /** The same host, watched for what becomes of a turn that is lent. */
  readonly watched: (host: Host) => Host
}

const shownMs = 15_000

export function createHostWatch(host: Pick<Host, "log" | "toast">, notify: boolean): HostWatch {
  const check = createSelfCheck({ satisfies: Bun.semver.satisfies })

  const observe = (observation: Observation): void => {
    const finding = check.observe(observation)
    if (!finding) return
    host.log("warn", finding.message)
    if (notify)
      void host.toast({
        title: "Understudy",
        message: finding.message,
        variant: "warning",
        durationMs: shownMs,
      })
  }

  return {
    isHostUnsupported: check.isHostUnsupported,
    webSocketsOn: () => check.isUnreleased() || isOn(process.env["OPENCODE_EXPERIMENTAL_WEBSOCKETS"]),
    mayMark: (model) => check.mayMark(providerOf(model)),
    onMarked: (model) => observe({ saw: "marked", providerID: providerOf(model) }),
    onCaught: (model) => observe({ saw: "caught", providerID: providerOf(model) }),
    onStep: (sessionID) => observe({ saw: "step", sessionID }),
    onEvent: (event, wasAborted) => {
      const observation = observationIn(event, wasAborted)
      if (observation) observe(observation)
    },
    watched: (inner) => ({
      ...inner,
      lend: async (message, to) => {
        await inner.lend(message, to)
        observe({ saw: "switched", sessionID: message.sessionID })
      },
    }),
  }
}

/** As OpenCode reads its own switches, erring towards "on". */
function isOn(text: string | undefined): boolean {
  return text !== undefined && !["", "0", "false", "no", "off", "n"].includes(text.toLowerCase())
}
