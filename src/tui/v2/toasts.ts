import type { Toast } from "../../host/host.ts"
import { toastEvent } from "./ask-server.ts"
import type { TuiContext } from "./context.ts"

/** Shows what the server's half tells people of the project that this terminal is in: one service serves several. */
export function showToasts(context: Pick<TuiContext, "data" | "location" | "ui">): void {
  context.data.on(toastEvent, ({ data, location: there }) => {
    const here = context.location
    const isElsewhere =
      here?.directory !== undefined && there?.directory !== undefined && here.directory !== there.directory
    if (isElsewhere) return
    // The server's half is this very package.
    const { title, message, variant, durationMs } = data as Toast
    context.ui.toast.show({
      title,
      message,
      variant,
      ...(durationMs !== undefined && { duration: durationMs }),
    })
  })
}
