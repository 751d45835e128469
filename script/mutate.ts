import { Glob } from "bun"
/**
 * `npm run mutate [-- --only failover,turn/transitions --since main~20 --sample 100 --seed 1]`: puts one small fault after the
 * other into the heart of the code and runs the unit and contract tests that run its line. What no test notices is
 * printed: a test that is missing, or code that does nothing.
 *
 * Left out: tables of error texts (the corpus judges them), what is only logged, and the few mutants of
 * `mutate/equivalent-mutants.ts`. A mutant over which a test waits too long is tried again with more time, and
 * counts as noticed when that is not enough either; how many those are is printed.
 *
 * One mutant takes a few tenths of a second. The working tree is not touched. Ctrl-C ends the run after the mutant
 * under way, with the score so far.
 */
import { chmod, cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { parseArgs } from "node:util"
import { changedLines } from "./mutate/changed-lines.ts"
import { equivalentMutants } from "./mutate/equivalent-mutants.ts"
import { findMutants, type Mutant } from "./mutate/find-mutants.ts"
import { runTests, type TestRun } from "./mutate/run-tests.ts"
import { type KnownTest, measureTests, testsOfLine } from "./mutate/test-coverage.ts"
import { testsOf } from "./mutate/tests-of.ts"

const root = join(import.meta.dir, "..")
const heart = [
  "async",
  "failover",
  "turn",
  "transport",
  "core",
  "accounts",
  "host",
  "opencode",
  "notify",
  "store",
].map((name) => `src/${name}`)
const notMutated = ["src/core/classify/tables/", "src/core/classify/words/word-index.generated.ts"]
const notCopied = ["node_modules", ".git", "dist"]

/** Tests up to this sum run in one process; each slower one has its own, and runs only when the others pass. */
const quickTogetherMs = 1_500

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    /** A commit: only lines that have changed since. */
    since: { type: "string" },
    sample: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
})

type Job = Mutant & { readonly file: string }
type Outcome = "killed" | "hung" | "survived" | "never-run"

const jobs = sampled(await findJobs(), Number(values.sample), Number(values.seed))
const outcomes = new Map<Job, Outcome>()
let isStopped = false
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => (isStopped = true))
await inCopy(async (copy) => {
  const known = await measureTests(copy, await testsFor(jobs))
  for (const job of jobs) {
    if (isStopped) break
    const outcome = await outcomeOf(copy, job, testsOfLine(known, job.file, job.line))
    outcomes.set(job, outcome)
    if (!isNoticed(outcome)) console.log(describeSurvivor(job, outcome))
    if (process.stderr.isTTY) process.stderr.write(`\r${outcomes.size}/${jobs.length} `)
  }
})
report()

async function findJobs(): Promise<readonly Job[]> {
  const only = values.only.split(",")
  const changed = values.since === undefined ? undefined : changedSince(values.since)
  const files = heart
    .flatMap((folder) => filesIn(folder, "**/*.ts"))
    .filter((file) => !notMutated.some((part) => file.startsWith(part)))
    .filter((file) => only.some((part) => file.includes(part)))
  const found = await Promise.all(
    files.map(async (file) => {
      const mutants = findMutants(await Bun.file(join(root, file)).text())
      return mutants.map((mutant) => ({ ...mutant, file }))
    }),
  )
  return found
    .flat()
    .filter((job) => !isEquivalent(job) && (!changed || changed.get(job.file)?.has(job.line) === true))
}

function changedSince(commit: string): ReturnType<typeof changedLines> {
  const command = ["git", "diff", "--unified=0", "--no-prefix", commit, "--", ...heart]
  const { stdout, success, stderr } = Bun.spawnSync(command, { cwd: root })
  if (!success) throw new Error(stderr.toString())
  return changedLines(stdout.toString())
}

function isEquivalent({ file, change }: Job): boolean {
  return equivalentMutants.some((known) => known.file === file && known.change === change)
}

function filesIn(folder: string, pattern: string): readonly string[] {
  return [...new Glob(pattern).scanSync(join(root, folder))].toSorted().map((file) => join(folder, file))
}

/** The same sample for the same seed, spread over all files. */
function sampled(all: readonly Job[], count: number, seed: number): readonly Job[] {
  if (count === 0 || count >= all.length) return all
  const rank = (index: number): bigint => Bun.hash.wyhash(String(index), BigInt(seed))
  const order = all.map((job, index) => ({ job, rank: rank(index) }))
  return order
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ job }) => job)
}

async function testsFor(wanted: readonly Job[]): Promise<readonly string[]> {
  const tests = ["test/unit", "test/contract"].flatMap((folder) => filesIn(folder, "**/*.test.ts"))
  const testsOfFile = await testsOf(root, tests)
  const files = new Set(wanted.map(({ file }) => file))
  return [...new Set([...files].flatMap((file) => testsOfFile(file)))].toSorted()
}

/** A copy of the project, in which one mutant after the other is tried. */
async function inCopy(work: (copy: string) => Promise<void>): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), "understudy-mutate-"))
  try {
    // A test of the store runs a process as another user.
    await chmod(copy, 0o755)
    for (const name of await readdir(root))
      if (!notCopied.includes(name)) await cp(join(root, name), join(copy, name), { recursive: true })
    await symlink(join(root, "node_modules"), join(copy, "node_modules"))
    await work(copy)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function outcomeOf(copy: string, job: Job, tests: readonly KnownTest[]): Promise<Outcome> {
  if (tests.length === 0) return "never-run"
  const path = join(copy, job.file)
  const original = await Bun.file(path).text()
  await Bun.write(path, job.text)
  try {
    for (const group of inGroups(tests)) {
      const { result } = await runPatiently(copy, group)
      if (result !== "passed") return result === "failed" ? "killed" : "hung"
    }
    return "survived"
  } finally {
    await Bun.write(path, original)
  }
}

/** The quick ones together, then each other one alone. */
function inGroups(tests: readonly KnownTest[]): readonly (readonly KnownTest[])[] {
  const quick: KnownTest[] = []
  let sumMs = 0
  for (const test of tests) if ((sumMs += test.durationMs) <= quickTogetherMs) quick.push(test)
  const slow = tests.slice(quick.length)
  return [...(quick.length > 0 ? [quick] : []), ...slow.map((test) => [test])]
}

/** What needed more time than it should gets much more: it may be that the machine was busy. */
async function runPatiently(copy: string, tests: readonly KnownTest[]): Promise<TestRun> {
  const paths = tests.map(({ path }) => path)
  const longestMs = Math.max(...tests.map(({ durationMs }) => durationMs))
  const allMs = tests.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const first = await runTests(copy, paths, { testMs: 1_000 + 3 * longestMs, allMs: 3_000 + 5 * allMs })
  if (first.result !== "timed-out") return first
  return runTests(copy, paths, { testMs: 4_000 + 6 * longestMs, allMs: 10_000 + 15 * allMs })
}

function describeSurvivor({ file, line, change }: Job, outcome: Outcome): string {
  return `${file}:${line}  ${change}${outcome === "never-run" ? "  (no test runs it)" : ""}`
}

function report(): void {
  const tried = [...outcomes.keys()]
  console.log("")
  for (const folder of new Set(tried.map(({ file }) => dirname(file))))
    console.log(`${folder}: ${score(tried.filter(({ file }) => dirname(file) === folder))}`)
  console.log(`all: ${score(tried)}`)
}

function isNoticed(outcome: Outcome | undefined): boolean {
  return outcome === "killed" || outcome === "hung"
}

function score(some: readonly Job[]): string {
  const killed = some.filter((job) => isNoticed(outcomes.get(job))).length
  const hung = some.filter((job) => outcomes.get(job) === "hung").length
  const percent = ((100 * killed) / Math.max(1, some.length)).toFixed(1)
  return `${killed} of ${some.length} killed: ${percent} %${hung > 0 ? ` (${hung} by a test that never ended)` : ""}`
}
