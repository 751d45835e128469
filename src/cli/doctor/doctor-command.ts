import { readHealth } from "../installation/health.ts"
import { loadOwnSettings } from "../installation/load-own-settings.ts"
import { runAgainOnBun } from "../opencode/bun-runtime.ts"
import { type ExitCode, exitCodes } from "../terminal/command-error.ts"
import { type Terminal, writeJson } from "../terminal/terminal.ts"
import { diagnose } from "./diagnose.ts"
import { doctorJson } from "./doctor-json.ts"
import { drawDoctor } from "./draw-doctor.ts"
import { type DoctorOptions, gatherFacts } from "./facts.ts"
import { placed } from "./finding.ts"

export async function doctorCommand(terminal: Terminal, options: DoctorOptions): Promise<ExitCode> {
  // Looked at before anything slow is done, which on another runtime would all be done again.
  const { settings } = await loadOwnSettings(terminal)
  const before = await readHealth(settings.runtime_fallback, terminal)
  if (before.state === "needs-bun") {
    const exitCode = await runAgainOnBun(terminal, options.opencode)
    if (exitCode !== undefined) return exitCode
  }
  const facts = await gatherFacts(terminal, options, before)
  const { views, findings } = diagnose(facts)
  const diagnosis = { views, findings: await placed(findings, facts.own) }
  if (options.json) writeJson(terminal, doctorJson(facts, diagnosis))
  else terminal.write(drawDoctor(facts, diagnosis, terminal))
  return findings.some((finding) => finding.severity === "error") ? exitCodes.findings : exitCodes.fine
}
