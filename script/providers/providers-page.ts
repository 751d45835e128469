import { reactiveRows } from "./provider-row.ts"
import type { RowResult } from "./run-rows.ts"
import { situations } from "./situations.ts"

/** `docs/providers.md`: what was seen, and what is not tried. */
export function providersPage(results: readonly RowResult[], openCode: string): string {
  const names = situations.map(({ name }) => name)
  const head = ["Package", "Protocol", "In flight", ...names]
  const rows = results.map((result) => [
    `\`${result.row.npm}\`${result.row.name.includes(",") ? ` (${result.row.name.split(", ")[1]})` : ""}`,
    result.row.protocol,
    isInFlight(result) ? "yes" : "**no**",
    ...names.map((name) => cell(result, name)),
  ])
  const replayed = reactiveRows.map((row) => [...row])
  return [
    "# Providers",
    "",
    `Written by \`npm run providers\`, which runs each package inside OpenCode ${openCode} against simulated providers; do not edit. "In flight" means: the caller of the prompt got the fallback's answer, OpenCode noticed nothing, the failing provider was asked once, and no word of this plugin was in any request. A dash stands for what a package cannot do.`,
    "",
    ...table(head, rows),
    "",
    "## Handled by a replay",
    "",
    "What cannot be caught inside the turn is sent again on the fallback once OpenCode has reported the failure (see [how it works](how-it-works.md)).",
    "",
    ...table(["Package", "Why"], replayed),
    "",
  ].join("\n")
}

function isInFlight({ outcomes }: RowResult): boolean {
  return outcomes.every(({ fault }) => fault === undefined)
}

function cell({ outcomes }: RowResult, name: string): string {
  const outcome = outcomes.find(({ situation }) => situation === name)
  if (outcome === undefined) return "–"
  return outcome.fault ?? "✓"
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`
  return [line(head), line(head.map(() => "---")), ...rows.map(line)]
}
