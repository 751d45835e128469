import type { LoadedSettings } from "../config/load-settings.ts"
import { formatProblem, summarizeProblems } from "../config/settings-problem.ts"
import type { Host, Toast } from "../host/host.ts"

/** Says where the settings come from, and each mistake in them: all in the log, and their sum as a toast. */
export function reportSettings(
  host: Pick<Host, "log" | "toast">,
  { problems, files, elsewhere }: LoadedSettings,
): void {
  const places = [...elsewhere, ...files].join(", ") || "the defaults, nothing was written"
  host.log("info", `Understudy is on. Settings: ${places}`)
  if (problems.length === 0) return
  for (const problem of problems) host.log("warn", formatProblem(problem))
  void host.toast(settingsToast(summarizeProblems(problems)))
}

export function settingsToast(message: string): Toast {
  return { title: "Understudy: settings", message, variant: "warning", durationMs: 15_000 }
}
