import { noPanel, type Panel, type PanelFacts, panelModel } from "./panel-model.ts"

/** A countdown in seconds needs one look a second. */
const tickMs = 1_000
/** A streamed answer makes dozens of events a second; one look stands for all of them. */
const gatherMs = 150

export type PanelWatch = ReturnType<typeof watchPanel>

/** A timer as `setTimeout` makes it; gives the way to cancel it. */
export type After = (ms: number, run: () => void) => () => void

export const afterTimeout: After = (ms, run) => {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

/**
 * Keeps one session's panel fresh: looks at once, after each poke, and every second while something counts
 * down. A fault empties the panel, is reported once, and is over with the next look that works.
 */
export function watchPanel(deps: {
  /** `undefined`: nothing is known yet. */
  readonly read: () => PanelFacts | undefined
  readonly show: (panel: Panel) => void
  readonly report: (error: unknown) => void
  readonly after: After
}) {
  const { read, show, report, after } = deps
  let cancel: () => void = () => undefined
  let isGathering = false
  let isFailing = false
  let isStopped = false

  const panelNow = (): Panel => {
    try {
      const facts = read()
      const panel = facts ? panelModel(facts) : noPanel
      isFailing = false
      return panel
    } catch (error) {
      if (!isFailing) report(error)
      isFailing = true
      return noPanel
    }
  }
  const look = (): void => {
    isGathering = false
    const panel = panelNow()
    show(panel)
    if (panel.countsDown) cancel = after(tickMs, look)
  }
  look()

  return {
    /** Something has happened in OpenCode. */
    poke: (): void => {
      if (isStopped || isGathering) return
      cancel()
      isGathering = true
      cancel = after(gatherMs, look)
    },
    stop: (): void => {
      isStopped = true
      cancel()
    },
  }
}
