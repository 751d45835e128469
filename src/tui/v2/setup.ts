import { createComponent, type JSX } from "@opentui/solid"
import { createEffect } from "solid-js"
import { text } from "../../core/json-object.ts"
import { SidebarPanel } from "../panel.ts"
import { type AskServer, askServer, replyEvent } from "./ask-server.ts"
import type { TuiContext } from "./context.ts"
import { fitLines } from "./fit-lines.ts"
import { keepOwnInBox } from "./prompt-box.ts"
import { watchSidebar } from "./sidebar.ts"
import { showToasts } from "./toasts.ts"

/** The terminal's half of the plugin as OpenCode 2 loads it. */
export function setupTui(context: TuiContext): void {
  const server = askServer(context)
  showToasts(context)
  context.data.on(replyEvent, ({ data }) => showReply(context, server, data))
  const watch = watchSidebar(context, server, Date.now)
  context.ui.slot({
    append: "sidebar.content",
    // Anything but an element, and any error, would take the whole terminal down.
    render: guarded((props) =>
      createComponent(SidebarPanel, {
        theme: panelTheme(context),
        sessionID: () => props.sessionID ?? "",
        watch,
      }),
    ),
  })
  keepOwnInBox(context, server, createEffect)
}

/** The answer of `/understudy`, in the terminal that has the session open. */
function showReply({ ui }: TuiContext, server: AskServer, data: unknown): void {
  const replyID = text(data, "replyID")
  const message = text(data, "text")
  if (replyID === undefined || message === undefined) return
  if (ui.router.current().sessionID !== text(data, "sessionID")) return
  // Nothing is left to be done when the dialog is closed, or when the server has gone.
  const screen: Partial<typeof usual> = process.stdout
  const { rows = usual.rows, columns = usual.columns } = screen
  const shown = fitLines(withoutMarks(message), { rows, columns })
  ui.dialog.alert({ title: "Understudy", message: shown }).catch(() => undefined)
  server.shown(replyID).catch(() => undefined)
}

function guarded<Props>(render: (props: Props) => JSX.Element): (props: Props) => JSX.Element {
  return (props) => {
    try {
      return render(props)
    } catch {
      // There is no log to write to from here.
      return null
    }
  }
}

/** Of a terminal that does not tell. */
const usual = { rows: 24, columns: 80 }

/** The dialog draws no Markdown, and has no room for blank lines. */
function withoutMarks(markdown: string): string {
  return markdown.replaceAll(/\*\*|`/g, "").replaceAll(/\n{2,}/g, "\n")
}

/** Version 2 has other names for the colours, and the theme may change at any time. */
function panelTheme(context: Pick<TuiContext, "theme">): Parameters<typeof SidebarPanel>[0]["theme"] {
  return {
    get current() {
      const { base, muted, feedback } = context.theme.text
      const { success, warning, error } = feedback
      return { text: base, textMuted: muted, success: success.base, warning: warning.base, error: error.base }
    },
  }
}
