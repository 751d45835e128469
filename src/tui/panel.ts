import type { TuiTheme } from "@opencode-ai/plugin/tui"
import { createElement, type JSX, spread } from "@opentui/solid"
import { createEffect, createSignal, onCleanup, untrack } from "solid-js"
import { noPanel, type Panel, type PanelLine, type Tone } from "./panel-model.ts"

type PanelTheme = {
  readonly current: Pick<TuiTheme["current"], Tone>
}

type PanelProps = {
  readonly theme: PanelTheme
  readonly sessionID: () => string
  /** Shows one session's panel from now on; gives the way to end that. */
  readonly watch: (sessionID: string, show: (panel: Panel) => void) => () => void
}

/** Draws the panel, nothing else. Each change draws its few lines anew. */
export function SidebarPanel({ theme, sessionID, watch }: PanelProps): JSX.Element {
  const [panel, show] = createSignal(noPanel)
  createEffect(() => {
    const shown = sessionID()
    // Only another session is a reason to start anew, not whatever `watch` reads of OpenCode's state.
    onCleanup(untrack(() => watch(shown, show)))
  })
  // An empty box would still cost the sidebar the line that parts its blocks.
  const hideWhenEmpty = (box: { visible: boolean }): void =>
    createEffect(() => {
      box.visible = panel().lines.length > 0
    })
  // One box for the panel's whole life. A function in its place would be read by the slot, which makes the panel
  // anew when what it has read changes, and the new panel changes again: the terminal then hangs.
  return element("box", { ref: hideWhenEmpty }, () => drawLines(panel().lines, theme))
}

function drawLines(lines: readonly PanelLine[], { current }: PanelTheme): readonly JSX.Element[] {
  const heading = element("text", { fg: current.text }, element("b", {}, "Understudy"))
  return [heading, ...lines.map((line) => drawLine(line, current))]
}

function drawLine(line: PanelLine, colors: PanelTheme["current"]): JSX.Element {
  if (line.line === "text") return element("text", { fg: colors.textMuted, wrapMode: "word" }, line.text)
  const { mark, tone, name, nameTone, note } = line
  // What does not fit gives way to an ellipsis in the middle.
  const given = { flexGrow: 1, flexShrink: 1, wrapMode: "none", truncate: true }
  return element(
    "box",
    { flexDirection: "row", gap: 1 },
    element("text", { fg: colors[tone], flexShrink: 0 }, mark),
    element("text", { fg: colors[nameTone], ...given }, name),
    element("text", { fg: colors.textMuted, flexShrink: 0 }, note),
  )
}

type Child = JSX.Element | string | readonly Child[] | (() => Child)

/**
 * One element of the terminal. In the place of JSX, whose compiler (Solid's own) needs Babel for a dozen elements.
 * Only a function among the children is reactive.
 */
function element(type: "box" | "text" | "b", props: object, ...children: readonly Child[]): JSX.Element {
  const made = createElement(type)
  spread(made, { ...props, children })
  return made
}
