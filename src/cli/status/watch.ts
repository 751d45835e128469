import { setTimeout } from "node:timers/promises"
import type { Terminal } from "../terminal/terminal.ts"

/** Clears from the cursor down; the cursor goes home first. What is drawn anew does not flicker. */
const home = "\u001B[H"
const clearRest = "\u001B[J"
const clearLineEnd = "\u001B[K"
const otherScreen = { enter: "\u001B[?1049h\u001B[?25l", leave: "\u001B[?25h\u001B[?1049l" }

/**
 * Draws again and again until `signal` says stop, on the terminal's second screen, so that the first one is as it
 * was afterwards.
 */
export async function redraw(
  terminal: Pick<Terminal, "write">,
  draw: () => Promise<string>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  terminal.write(otherScreen.enter)
  try {
    await each(intervalMs, signal, async () => {
      const lines = (await draw()).split("\n").join(`${clearLineEnd}\n`)
      terminal.write(`${home}${lines}${clearRest}`)
    })
  } finally {
    terminal.write(otherScreen.leave)
  }
}

/** Calls `look` at once and then at each interval; resolves when `signal` says stop. */
export async function each(
  intervalMs: number,
  signal: AbortSignal,
  look: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await look()
    // Rejects when `signal` says stop.
    await setTimeout(intervalMs, undefined, { signal }).catch(() => undefined)
  }
}
