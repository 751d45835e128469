import { string } from "../../simulator/protocol/json.ts"
import type { EventLog, HostEvent } from "./event-log.ts"

export interface Toast {
  readonly title: string
  readonly message: string
  readonly variant: string
}

/** OpenCode 2 has no toasts of servers: ours travel to the terminal's half of the plugin as this event. */
const types: ReadonlySet<string> = new Set(["tui.toast.show", "rpc.understudy.toast"])

const textOf = (toast: Toast): string => `${toast.title} ${toast.message}`

/** The toast that an event is, if it is one. */
export function toastIn(event: HostEvent): Toast | undefined {
  if (!types.has(event.type)) return undefined
  const { title, message, variant } = event.properties
  return { title: string(title), message: string(message), variant: string(variant) }
}

export interface Toasts {
  /** Toasts so far, of all sessions; with `about` those whose text holds it (a chain's model, say). */
  toasts(about?: string): readonly Toast[]
  waitForToast(about: string, timeoutMs?: number): Promise<Toast>
  /** As `toasts`, once there are at least so many (default 1): they arrive behind the answer that they are about. */
  waitForToasts(about: string, least?: number): Promise<readonly Toast[]>
}

export function toastsOf(events: EventLog): Toasts {
  const isAbout = (event: HostEvent, about: string): boolean => {
    const toast = toastIn(event)
    return toast !== undefined && textOf(toast).includes(about)
  }
  const toasts: Toasts["toasts"] = (about = "") =>
    events.all.filter((event) => isAbout(event, about)).flatMap((event) => toastIn(event) ?? [])
  return {
    toasts,
    waitForToasts: async (about, least = 1) => {
      await events.waitFor((event) => isAbout(event, about) && toasts(about).length >= least)
      return toasts(about)
    },
    waitForToast: async (about, timeoutMs) => {
      const event = await events.waitFor((seen) => isAbout(seen, about), timeoutMs)
      return toastIn(event) ?? { title: "", message: "", variant: "" }
    },
  }
}
