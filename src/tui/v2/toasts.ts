import { field, text } from "../../core/json-object.ts"
import { toastEvent } from "./ask-server.ts"
import type { TuiContext, TuiToast } from "./context.ts"

/** Shows what the server's half tells people of the project that this terminal is in: one service serves several. */
export function showToasts(context: Pick<TuiContext, "data" | "location" | "ui">): void {
  context.data.on(toastEvent, ({ data, location: there }) => {
    const here = context.location
    const isElsewhere =
      here?.directory !== undefined && there?.directory !== undefined && here.directory !== there.directory
    const toast = readToast(data)
    if (toast && !isElsewhere) context.ui.toast.show(toast)
  })
}

const variants = ["info", "success", "warning", "error"] as const

function readToast(data: unknown): TuiToast | undefined {
  const message = text(data, "message")
  const variant = variants.find((known) => known === text(data, "variant"))
  if (message === undefined || variant === undefined) return undefined
  const duration = field(data, "durationMs")
  const title = text(data, "title") ?? "Understudy"
  return { title, message, variant, ...(typeof duration === "number" && { duration }) }
}
