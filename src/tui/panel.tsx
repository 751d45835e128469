/** @jsxImportSource @opentui/solid */
import type { TuiTheme } from "@opencode-ai/plugin/tui"
import { createEffect, createSignal, onCleanup, untrack } from "solid-js"
import { noPanel, type Panel, type PanelLine, type Tone } from "./panel-model.ts"

export type PanelProps = {
  readonly theme: TuiTheme
  readonly sessionID: () => string
  /** Shows one session's panel from now on; gives the way to end that. */
  readonly watch: (sessionID: string, show: (panel: Panel) => void) => () => void
}

/**
 * Draws the panel, nothing else. It is compiled without Solid's own compiler, so that only functions are
 * reactive and not attributes: each change draws the few lines anew.
 */
export function SidebarPanel({ theme, sessionID, watch }: PanelProps) {
  const [panel, show] = createSignal(noPanel)
  createEffect(() => {
    const shown = sessionID()
    // Only another session is a reason to start anew, not whatever `watch` reads of OpenCode's state.
    onCleanup(untrack(() => watch(shown, show)))
  })
  const hideWhenEmpty = (box: { visible: boolean }): void =>
    createEffect(() => {
      box.visible = panel().lines.length > 0
    })
  // One box for the panel's whole life: the slot makes the panel anew when what it returned changes.
  return <box ref={hideWhenEmpty}>{() => drawLines(panel().lines, theme)}</box>
}

function drawLines(lines: readonly PanelLine[], theme: TuiTheme) {
  const color = (tone: Tone) => theme.current[themeColors[tone]]
  return (
    <box>
      <text fg={color("text")}>
        <b>Understudy</b>
      </text>
      {lines.map((line) =>
        line.line === "text" ? (
          <text fg={color("muted")} wrapMode="word">
            {line.text}
          </text>
        ) : (
          <box flexDirection="row" gap={1}>
            <text fg={color(line.tone)} flexShrink={0}>
              {line.mark}
            </text>
            <text fg={color(line.nameTone)} flexGrow={1} flexShrink={1} wrapMode="none" truncate={true}>
              {line.name}
            </text>
            <text fg={color("muted")} flexShrink={0}>
              {line.note}
            </text>
          </box>
        ),
      )}
    </box>
  )
}

const themeColors = {
  text: "text",
  muted: "textMuted",
  good: "success",
  waiting: "warning",
  bad: "error",
} as const satisfies Readonly<Record<Tone, keyof TuiTheme["current"]>>
