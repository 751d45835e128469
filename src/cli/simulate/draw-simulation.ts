import { describeDuration } from "../../core/describe-duration.ts"
import { table } from "../terminal/table.ts"
import type { Canvas, Colors } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import type { EventName, SimulationEvent } from "./simulation-event.ts"

/** The dry run as text, one line or more per event. Ends in a line feed. */
export function drawSimulation(events: readonly SimulationEvent[], { colors, columns }: Canvas): string {
  const turns: { readonly head: string; readonly rows: (readonly string[])[] }[] = []
  for (const { event, at, text, skipped = [], details } of events) {
    if (event === "prompt") {
      const time = at === 0 ? "" : colors.dim(` after ${describeDuration(at)}`)
      const head = `${colors.bold(`Turn ${turns.length + 1}`)}${time}: ${text}`
      turns.push({ head: wrapped(head, columns), rows: [] })
    } else {
      const [label, color] = labels[event]
      const more = [...skipped.map((model) => `skipped: ${model}`), ...details]
      const lines = [color === "dim" ? colors.dim(text) : text, ...more.map(colors.dim)]
      turns.at(-1)?.rows.push([colors[color](label.padEnd(labelWidth)), lines.join("\n")])
    }
  }
  return turns.map(({ head, rows }) => `${head}\n${table(rows, columns, "  ")}`).join("\n")
}

/** Wide enough for each word in the first column. */
const labelWidth = 9

const labels: Readonly<
  Record<Exclude<EventName, "prompt">, readonly [label: string, color: keyof Colors & Color]>
> = {
  "not-asked": ["not asked", "yellow"],
  answered: ["answers", "green"],
  failed: ["fails", "red"],
  "key-changed": ["next key", "yellow"],
  repeated: ["repeats", "cyan"],
  switched: ["switches", "yellow"],
  "left-to-opencode": ["leaves it", "cyan"],
  exhausted: ["exhausted", "red"],
  waits: ["waits", "cyan"],
  rests: ["cooldown", "dim"],
  toast: ["toast", "dim"],
  unused: ["unused", "dim"],
}

type Color = "red" | "yellow" | "green" | "cyan" | "dim"
