import { isVersion2 } from "../opencode/ask-opencode.ts"
import { table } from "../terminal/table.ts"
import type { Canvas } from "../terminal/terminal.ts"
import type { Trial, TrialVerdict } from "./trial.ts"

/** What happened, and what the user will see of it. Ends in a line feed. */
export function drawTrial(trial: Trial, verdict: TrialVerdict, { colors, columns }: Canvas): string {
  const start = trial.requests[0]?.at ?? 0
  const rows = trial.requests.map(({ model, at, status }) => [
    colors.dim(`${at - start} ms`),
    model,
    status === 200 ? colors.green("answers") : colors.yellow("429, rate limit reached"),
  ])
  return [
    `One turn of ${trial.agent} on your OpenCode ${trial.openCode}, with your settings. The providers are simulated.\n`,
    table(rows, columns, "  "),
    ...whatIsSeen(trial),
    verdict.works
      ? `${colors.green(verdict.what)}\n`
      : `${colors.red(verdict.what)} ${trial.isListed ? "Try `npx opencode-understudy doctor`." : "`npx opencode-understudy init` adds it."}\n`,
  ].join("\n")
}

function whatIsSeen({ notes, openCode }: Trial): readonly string[] {
  const seen = notes.map((note) => `  ${note}\n`).join("")
  if (seen !== "")
    return [`What you will see, as a toast or with \`opencode run\` on standard error:\n${seen}`]
  if (!isVersion2(openCode)) return []
  return ["OpenCode 2 shows a switch in its terminal interface, as a toast; `opencode run` does not.\n"]
}
