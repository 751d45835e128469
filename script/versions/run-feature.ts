import { existsSync } from "node:fs"
import { join } from "node:path"
import { REPOSITORY } from "../../test/e2e/harness/opencode-binary.ts"
import type { Feature } from "./features.ts"
import { hostOf } from "./install-opencode.ts"

export type FeatureResult = {
  readonly passed: number
  readonly skipped: number
  /** Titles, with the names of their groups. */
  readonly failed: readonly string[]
  /** What the run has printed. */
  readonly report: string
}

/** One process is ended after this; the slowest file takes about a minute. */
const limitMs = 240_000

/**
 * Runs the feature's test files on one OpenCode, in a process of their own.
 *
 * @returns `undefined` where none of the files exists
 */
export async function runFeature(
  feature: Feature,
  version: string,
  binary: string,
): Promise<FeatureResult | undefined> {
  const host = hostOf(version)
  const files = feature[host === 1 ? "v1" : "v2"]
    .map((name) => join(REPOSITORY, "test/e2e", name))
    .flatMap((path) => [path, `${path}.test.ts`, `${path}.scenarios.ts`])
    .filter((path) => existsSync(path))
  if (files.length === 0) return undefined
  // Files for both hosts name the host in each title.
  const mine = `^(?!.*OpenCode ${host === 1 ? 2 : 1})`
  const variable = host === 1 ? "UNDERSTUDY_OPENCODE_BIN" : "UNDERSTUDY_OPENCODE2_BIN"
  const command = [process.execPath, "test", "--isolate", "--timeout", "90000", "-t", mine, ...files]
  const child = Bun.spawn(command, {
    cwd: REPOSITORY,
    env: { ...process.env, [variable]: binary, NO_COLOR: "1" },
    stdout: "pipe",
    stderr: "pipe",
    timeout: limitMs,
  })
  const [report, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited])
  const result = readReport(report)
  if (exitCode === 0 || result.failed.length > 0) return result
  return { ...result, failed: [`the test run itself: ${report.slice(-300)}`] }
}

/** What `bun test` prints; each test that failed is named twice. */
function readReport(report: string): FeatureResult {
  const failed = [...report.matchAll(/^\(fail\) (.+?)(?: \[[\d.]+m?s\])?$/gm)].map((match) => match[1] ?? "")
  const count = (word: string): number =>
    Number(new RegExp(String.raw`^\s*(\d+) ${word}$`, "m").exec(report)?.[1] ?? 0)
  return { passed: count("pass"), skipped: count("skip"), failed: [...new Set(failed)], report }
}
