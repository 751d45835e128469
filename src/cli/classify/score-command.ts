import { CommandError } from "../command-error.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type Score, dimensions, scoreSheet } from "./score.ts"
import { judgeRow } from "./verdict-row.ts"
import { numberedLines } from "./numbered-lines.ts"
import { readLabels } from "./labelled-row.ts"
import { readRow } from "./read-row.ts"

/** From when waits count in rows that name no moment of their own. */
const anyMoment = Date.UTC(2026, 10, 25, 18)

/**
 * `understudy classify --score FILE`: how far the verdicts agree with the labels of the rows, by dimension, and
 * what was taken for what.
 *
 * @param at the moment from which waits are counted where a row has none of its own
 */
export async function scoreCommand(
  terminal: Terminal,
  file: string,
  { at, json }: { readonly at: number | undefined; readonly json: boolean },
): Promise<ExitCode> {
  const sheet = scoreSheet()
  for await (const { text, number } of numberedLines(file)) {
    const read = readRow(text)
    const labelled = read.ok ? readLabels(text) : read
    if (!read.ok || !labelled.ok) {
      const why = labelled.ok ? "" : labelled.why
      throw new CommandError(`${file}, line ${number}: ${why}`, exitCodes.usage)
    }
    const moment = labelled.labels.at ?? at ?? anyMoment
    const { verdict, fallback } = judgeRow(read.failure, moment)
    sheet.add(number, labelled.labels, {
      kind: verdict.kind,
      scope: verdict.scope,
      fallsBack: fallback,
      retryAfter: verdict.retryAt === undefined ? undefined : (verdict.retryAt - moment) / 1000,
    })
  }
  terminal.write(json ? `${JSON.stringify(plain(sheet.score))}\n` : draw(sheet.score))
  return exitCodes.fine
}

function plain({ tallies, confusions }: Score): unknown {
  return { ...tallies, confusions: Object.fromEntries(confusions) }
}

function draw({ tallies, confusions }: Score): string {
  const lines = dimensions
    .map((dimension) => ({ dimension, ...tallies[dimension] }))
    .filter(({ of }) => of > 0)
    .map(
      ({ dimension, right, of }) =>
        `${dimension.padEnd(10)}${((100 * right) / of).toFixed(1).padStart(5)} %  ${right} of ${of}`,
    )
  const wrong = [...confusions]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(
      ([text, at]) =>
        `${String(at.length).padStart(5)}  ${text}   (line ${at.slice(0, 8).join(", ")}${at.length > 8 ? ", …" : ""})`,
    )
  return [...lines, ...(wrong.length > 0 ? ["", "Labelled -> said:", ...wrong] : []), ""].join("\n")
}
