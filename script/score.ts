// How far the classifier's verdicts agree with the labels of a file's rows, by dimension, and what was taken for
// what: `npm run score -- FILE`, with `--json` as an object. The rows: docs/held-out-set.md.
import { numberedLines } from "../src/cli/classify/classify-command.ts"
import { judgeRow, readRow } from "../src/cli/classify/verdict-row.ts"
import { readLabels } from "./score/labelled-row.ts"
import { dimensions, type Score, scoreSheet } from "./score/score-sheet.ts"

/** From when waits count in rows that name no moment of their own. */
const anyMoment = Date.UTC(2026, 10, 25, 18)

const [file] = process.argv.slice(2).filter((argument) => argument !== "--json")
if (file === undefined) throw new Error("which file? npm run score -- FILE")
const score = await scoreOf(file)
console.log(process.argv.includes("--json") ? JSON.stringify(plain(score)) : drawn(score))

async function scoreOf(path: string): Promise<Score> {
  const sheet = scoreSheet()
  for await (const { text, number } of numberedLines(path)) {
    const read = readRow(text)
    const labelled = read.ok ? readLabels(text) : read
    if (!read.ok || !labelled.ok) throw new Error(`${path}, line ${number}: ${labelled.ok || labelled.why}`)
    const moment = labelled.labels.at ?? anyMoment
    const { verdict, fallback } = judgeRow(read.value, moment)
    sheet.add(number, labelled.labels, {
      kind: verdict.kind,
      scope: verdict.scope,
      fallsBack: fallback,
      retryAfter: verdict.retryAt === undefined ? undefined : (verdict.retryAt - moment) / 1000,
    })
  }
  return sheet.score
}

function plain({ tallies, confusions }: Score): unknown {
  return { ...tallies, confusions: Object.fromEntries(confusions) }
}

function drawn({ tallies, confusions }: Score): string {
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
  return [...lines, ...(wrong.length > 0 ? ["", "Labelled -> said:", ...wrong] : [])].join("\n")
}
