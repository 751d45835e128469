import { longestRestMs } from "./request-promises.ts"
import type { SoakResult } from "./run-soak.ts"
import { type Broken, promiseNames, type SeenRequest, type SeenTurn } from "./seen.ts"
import { isExhausted } from "./turn-promises.ts"

/** What a run has done and what it has found, line by line. */
export function soakReport({ turns, requests, faults, kills, broken }: SoakResult): readonly string[] {
  const ends = counted(turns.map(({ end }) => end.is))
  const events = counted(turns.map(({ plan }) => (plan.isDoomed ? "every model away" : plan.event.kind)))
  const exhausted = turns.filter((turn) => isExhausted(turn, requests)).length
  const failed = [...faults.values()].reduce((sum, count) => sum + count, 0)
  return [
    `${turns.length} turns: ${ends}`,
    `events: ${events}; power cuts: ${kills.length}`,
    `met the end of their chain: ${exhausted} (${share(exhausted, turns.length)})`,
    `${requests.length} requests, ${failed} failed (${share(failed, requests.length)}):`,
    ...[...faults]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([name, count]) => `  ${count} × ${name}`),
    ...promiseNames.map((name) => {
      const count = broken.filter(({ promise }) => promise === name).length
      return `${count === 0 ? "held  " : "BROKEN"}  ${name}${count === 0 ? "" : ` (${count} times)`}`
    }),
  ]
}

/** A broken promise with what is needed to look into it. */
export function brokenText(
  seed: number,
  { promise, tag, session, expected, seen }: Broken,
  requests: readonly SeenRequest[],
  log: readonly string[],
): string {
  return [
    `BROKEN  ${promise}`,
    `  seed ${seed}, turn ${tag || "-"}, session ${session || "-"}`,
    `  expected: ${expected}`,
    `  seen:     ${seen}`,
    ...(tag === "" ? [] : trailOfAll(tag, requests)).map((line) => `  > ${line}`),
    ...log.map((line) => `  | ${line}`),
  ].join("\n")
}

export function turnText(turn: SeenTurn, requests: readonly SeenRequest[]): string {
  const { plan, end, server, startedAtMs } = turn
  const event = plan.isDoomed ? "every model away" : plan.event.kind
  const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1)
  const why = end.is === "failed" ? ` with ${end.error}` : ""
  const head = `${plan.tag} on server ${server}, ${event}: ${end.is} after ${seconds} s${why}`
  return [head, ...trail(plan.tag, requests).map((line) => `  > ${line}`)].join("\n")
}

/** Who was asked for a turn and its subagents, and what became of it. */
function trail(tag: string, requests: readonly SeenRequest[]): readonly string[] {
  return timed(requests.filter((request) => isOf(tag, request)))
}

/** As {@link trail}, with what others asked of the same models, who rest for all once they have failed for one. */
function trailOfAll(tag: string, requests: readonly SeenRequest[]): readonly string[] {
  const own = requests.filter((request) => isOf(tag, request))
  const chains = new Set(own.map(({ model }) => chainNumber(model)))
  const fromMs = (own[0]?.atMs ?? 0) - longestRestMs
  const untilMs = own.at(-1)?.atMs ?? 0
  return timed(
    requests.filter(
      (request) =>
        own.includes(request) ||
        (chains.has(chainNumber(request.model)) && request.atMs >= fromMs && request.atMs <= untilMs),
    ),
  )
}

function isOf(tag: string, request: SeenRequest): boolean {
  return request.tag === tag || request.tag.startsWith(`${tag.slice(0, -1)}.`)
}

/** The models of a chain share the number in their names, as in `alpha1002/one`. */
function chainNumber(model: string): string | undefined {
  return /\d+/.exec(model)?.[0]
}

function timed(requests: readonly SeenRequest[]): readonly string[] {
  const firstMs = requests[0]?.atMs ?? 0
  return requests.map((request) => {
    const at = String(Math.round(request.atMs - firstMs)).padStart(6)
    const took = request.endedAtMs === undefined ? "?" : Math.round(request.endedAtMs - request.atMs)
    return `${at} ms ${request.tag} step ${request.step} ${request.model}: ${request.fault ?? "well"} (${took} ms)`
  })
}

function counted(names: readonly string[]): string {
  const different = [...new Set(names)].toSorted()
  return different.map((name) => `${names.filter((other) => other === name).length} ${name}`).join(", ")
}

function share(part: number, whole: number): string {
  return `${Math.round((part / Math.max(1, whole)) * 100)} %`
}
