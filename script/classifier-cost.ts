import { $ } from "bun"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * What a verdict costs, beside an earlier version's sources in one run: machines differ by more than versions do.
 *
 *     node script/bun.mjs script/classifier-cost.ts [commit]
 *
 * Both versions take turns in processes of their own; of each figure the best of all rounds counts, in time of the
 * processor, so that a busy machine counts less.
 */
const earlier = process.argv[2] ?? "8b3c77e"
const rounds = 9
const longBytes = 64 * 1024

type Verdicts = { readonly first: number; readonly short: number; readonly long: number }
type Cost = Verdicts & { readonly index: number }

const measure = `
const { classify } = await import(process.argv[1] + "/src/core/classify/classify.ts")
const now = Date.UTC(2026, 10, 25, 18)
const short = {
  provider: "anthropic",
  status: 429,
  headers: { "retry-after": "30" },
  body: '{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your rate limit."}}',
}
const sentence = "The gateway could not make sense of what came back from upstream, item 34026 of 1429. "
const body = Array.from({ length: ${longBytes} / sentence.length }, (_, line) => line + ": " + sentence).join("")
const long = { provider: "anthropic", status: 500, body: body.slice(0, ${longBytes}) }
const spent = (from) => { const { user, system } = process.cpuUsage(from); return (user + system) / 1000 }
const start = process.cpuUsage()
classify({ ...short }, now)
const first = spent(start)
const best = (failure, calls) => {
  let least = Infinity
  for (let run = 0; run < 12; run += 1) {
    const from = process.cpuUsage()
    for (let call = 0; call < calls; call += 1) classify({ ...failure }, now)
    least = Math.min(least, spent(from) / calls)
  }
  return least
}
best(short, 400)
best(long, 40)
console.log(JSON.stringify({ first, short: best(short, 1000), long: best(long, 100) }))
`

/** What is built at the first failure and kept; earlier versions have no index of words. */
const measureIndex = `
const { existsSync } = await import("node:fs")
const folder = process.argv[1] + "/src/core/classify"
const { shared, transport, familyOf } = await import(folder + "/knowledge.ts")
const words = folder + "/words/word-index.ts"
const { factsOf, termsOfWord = factsOf } = existsSync(words) ? await import(words) : {}
const start = process.cpuUsage()
familyOf("anthropic").own()
shared()
transport()
termsOfWord?.("quota")
const { user, system } = process.cpuUsage(start)
console.log((user + system) / 1000)
`

async function costOf(folder: string): Promise<Cost> {
  const verdicts = (await $`${process.execPath} -e ${measure} ${folder}`.json()) as Verdicts
  const index = (await $`${process.execPath} -e ${measureIndex} ${folder}`.json()) as number
  return { ...verdicts, index }
}

function least(costs: readonly Cost[], key: keyof Cost): number {
  return Math.min(...costs.map((cost) => cost[key]))
}

const old = await mkdtemp(join(tmpdir(), "understudy-classifier-"))
try {
  await $`git archive ${earlier} src | tar -x -C ${old}`
  const before: Cost[] = []
  const after: Cost[] = []
  for (let round = 0; round < rounds; round += 1) {
    before.push(await costOf(old))
    after.push(await costOf(process.cwd()))
  }
  const titles = {
    index: "indexes",
    first: "first verdict, with its indexes",
    short: "short body",
    long: "64 KiB",
  } as const
  for (const key of ["index", "first", "short", "long"] as const) {
    const [was, is] = [least(before, key) * 1000, least(after, key) * 1000]
    console.log(
      `${titles[key].padEnd(34)}${was.toFixed(1).padStart(9)} µs ->${is.toFixed(1).padStart(9)} µs   ${(is / was).toFixed(2)}`,
    )
  }
} finally {
  await rm(old, { recursive: true })
}
