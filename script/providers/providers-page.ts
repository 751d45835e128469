import { reactiveRows } from "./provider-row.ts"
import type { RowResult } from "./run-rows.ts"
import { situations } from "./situations.ts"

/** What was seen on one version of OpenCode. */
export type Run = { readonly openCode: string; readonly results: readonly RowResult[] }

/** `docs/providers.md`: what was seen, and what is not tried. */
export function providersPage(runs: readonly Run[]): string {
  const replayed = reactiveRows.map((row) => [...row])
  return [
    "# Providers",
    "",
    `Written by \`npm run providers\`, which runs each package inside OpenCode against simulated providers; do not edit. "In flight" means: the caller of the prompt got the fallback's answer, OpenCode noticed nothing but a switch, the failing provider was asked once, and no word of this plugin was in any request. A dash stands for what a package cannot do. All are asked over HTTP; the WebSocket over which OpenCode 2 asks OpenAI is tried by \`test/e2e/opencode2/web-socket.test.ts\`.`,
    "",
    ...runs.flatMap(section),
    "## Handled by a replay",
    "",
    "What cannot be caught inside the turn on OpenCode 1 is sent again on the fallback once OpenCode has reported the failure (see [how it works](how-it-works.md)).",
    "",
    ...table(["Package", "Why"], replayed),
    "",
  ].join("\n")
}

function section({ openCode, results }: Run): readonly string[] {
  const names = situations.map(({ name }) => name)
  const rows = results.map((result) => [
    `\`${result.row.npm}\`${result.row.name.includes(",") ? ` (${result.row.name.split(", ")[1]})` : ""}`,
    result.row.protocol,
    isInFlight(result) ? "yes" : "**no**",
    ...names.map((name) => cell(result, name)),
  ])
  return [`## OpenCode ${openCode}`, "", ...table(["Package", "Protocol", "In flight", ...names], rows), ""]
}

export function isInFlight({ outcomes }: RowResult): boolean {
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
