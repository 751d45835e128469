/**
 * `npm run mutate [-- --only failover,turn/transitions --sample 100 --seed 1]`: puts one small fault after the
 * other into the heart of the code and runs the unit and contract tests that load the file. What no test notices is
 * printed: a test that is missing, or code that does nothing.
 *
 * All mutants take hours; a sample says the score in minutes. The working tree is not touched.
 */
import { chmod, cp, mkdtemp, readdir, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Glob } from "bun"
import { findMutants, type Mutant } from "./mutate/find-mutants.ts"
import { testsOf } from "./mutate/tests-of.ts"

const root = join(import.meta.dir, "..")
const heart = ["src/failover", "src/turn", "src/transport", "src/core", "src/opencode"]
/** Rows with a source, judged by the corpus. */
const tables = "src/core/classify/tables/"
const notCopied = ["node_modules", ".git", "dist"]
/** A mutant that loops is noticed, too. */
const patienceMs = 60_000

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    sample: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
  },
})

type Job = Mutant & { readonly file: string; readonly tests: readonly string[] }

const jobs = sampled(await findJobs(), Number(values.sample), Number(values.seed))
const survivors: Job[] = []
let done = 0
const queue = [...jobs]
await Promise.all(Array.from({ length: Number(values.workers) }, work))

for (const { file, line, change, tests } of survivors.toSorted((a, b) => (a.file < b.file ? -1 : 1)))
  console.log(`${file}:${line}  ${change}${tests.length === 0 ? "  (no test loads it)" : ""}`)
const killed = jobs.length - survivors.length
console.log(
  `\n${killed} of ${jobs.length} killed: ${((100 * killed) / Math.max(1, jobs.length)).toFixed(1)} %`,
)

async function findJobs(): Promise<readonly Job[]> {
  const only = values.only === "" ? [""] : values.only.split(",")
  const files = heart.flatMap((folder) => filesIn(folder, "**/*.ts"))
  const tests = ["test/unit", "test/contract"].flatMap((folder) => filesIn(folder, "**/*.test.ts"))
  const testsFor = await testsOf(root, tests)
  const wanted = files.filter((file) => !file.startsWith(tables) && only.some((part) => file.includes(part)))
  const found = await Promise.all(
    wanted.map(async (file) => {
      const mutants = findMutants(await Bun.file(join(root, file)).text())
      return mutants.map((mutant) => ({ ...mutant, file, tests: testsFor(file) }))
    }),
  )
  return found.flat()
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

/** One copy of the project, in which one mutant after the other is tried. */
async function work(): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), "understudy-mutate-"))
  try {
    // A test of the store runs a process as another user.
    await chmod(copy, 0o755)
    for (const name of await readdir(root))
      if (!notCopied.includes(name)) await cp(join(root, name), join(copy, name), { recursive: true })
    await symlink(join(root, "node_modules"), join(copy, "node_modules"))
    const all = new Set(jobs.flatMap((job) => job.tests))
    if (await fails(copy, [...all])) throw new Error("The tests fail without any mutant: mend them first.")
    for (let job = queue.pop(); job; job = queue.pop()) {
      if (!(await isKilled(copy, job))) survivors.push(job)
      done += 1
      if (process.stderr.isTTY)
        process.stderr.write(`\r${done}/${jobs.length}, ${survivors.length} survived `)
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function isKilled(copy: string, job: Job): Promise<boolean> {
  if (job.tests.length === 0) return false
  const path = join(copy, job.file)
  const original = await Bun.file(path).text()
  await Bun.write(path, job.text)
  const killed = await fails(copy, job.tests, patienceMs)
  await Bun.write(path, original)
  return killed
}

async function fails(copy: string, tests: readonly string[], timeoutMs?: number): Promise<boolean> {
  const command = [process.execPath, "test", "--isolate", "--bail", "--timeout", "30000"]
  const child = Bun.spawn([...command, ...tests.map((test) => `./${test}`)], {
    cwd: copy,
    stdout: "ignore",
    stderr: "ignore",
    killSignal: "SIGKILL",
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  })
  return (await child.exited) !== 0
}
