import type { Terminal } from "./terminal.ts"

/** A result for programs. Shapes are documented in docs/cli.md; keys are only ever added. */
export function writeJson(terminal: Pick<Terminal, "write">, value: unknown): void {
  terminal.write(`${JSON.stringify(value, undefined, 2)}\n`)
}

/** A time for programs: ISO 8601, or null. */
export function isoTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
