import type { Broken, PromiseName, SeenRequest, SeenRun } from "./seen.ts"

/** What providers are owed, and the user of them. @returns what was not held */
export function requestPromises(run: SeenRun): readonly Broken[] {
  return [...storms(run), ...traces(run), ...afterEscape(run), ...askedWhileDown(run), ...waitedFor(run)]
}

function broken(promise: PromiseName, { tag, model }: SeenRequest, expected: string, seen: string): Broken {
  return { promise, tag, session: "", expected: `${model}: ${expected}`, seen }
}

/** OpenCode's own retries come after some two seconds or more. */
const ownPauseMs = 900
const mostInARow = 3
/** OpenCode asks a step again five times (version 1) or ten (2); each try may be repeated once. */
const mostOfAStep = 22

/** Requests of one step to one model: how many come without a pause, and how many in all. */
function storms({ requests }: SeenRun): readonly Broken[] {
  return groups(requests).flatMap((group) => {
    const [first] = group
    const row = longestRow(group)
    if (!first || (row <= mostInARow && group.length <= mostOfAStep)) return []
    const seen = `${group.length} requests after ${first.step} tools, ${row} of them without a pause`
    return [broken("no storm", first, `at most ${mostInARow} requests of one step in a row`, seen)]
  })
}

function groups(requests: readonly SeenRequest[]): readonly (readonly SeenRequest[])[] {
  const found = new Map<string, SeenRequest[]>()
  for (const request of requests) {
    const key = `${request.tag} ${request.step} ${request.model}`
    found.set(key, [...(found.get(key) ?? []), request])
  }
  return [...found.values()]
}

function longestRow(group: readonly SeenRequest[]): number {
  const inOrder = group.toSorted((one, other) => one.atMs - other.atMs)
  let longest = 0
  let row = 0
  for (const [index, request] of inOrder.entries()) {
    const before = inOrder[index - 1]
    const isAtOnce = before !== undefined && request.atMs - (before.endedAtMs ?? before.atMs) < ownPauseMs
    row = isAtOnce ? row + 1 : 1
    longest = Math.max(longest, row)
  }
  return longest
}

function traces({ requests }: SeenRun): readonly Broken[] {
  return requests.flatMap((request) =>
    request.traces.map((trace) =>
      broken("nothing of ours leaves or stays", request, "no trace in a request", trace),
    ),
  )
}

/** A request may be on its way when Esc is pressed. */
const escapeGraceMs = 700

function afterEscape({ requests, escapes }: SeenRun): readonly Broken[] {
  return escapes.flatMap(({ tag, atMs }) =>
    requests
      // A later compaction may hold no newer prompt.
      .filter(({ step }) => step !== "compaction")
      .filter((request) => request.tag === tag && request.atMs > atMs + escapeGraceMs)
      .map((request) =>
        broken(
          "after Esc nobody is asked",
          request,
          "no request",
          `one ${Math.round(request.atMs - atMs)} ms after Esc`,
        ),
      ),
  )
}

/**
 * Until a process has read a failure, written it down, and the other one reads it: up to 1.2 s on a machine with ten
 * times more to do than it can.
 */
const graceMs = 1_500
/** The longest rest that the soak's settings allow. */
export const longestRestMs = 4_000

/**
 * Requests within a time in which the model's provider had said that it must not be asked. Only what a provider says
 * itself counts: whatever else opens a circuit is the plugin's choice. With the whole chain down OpenCode's own
 * retries go to the user's own model, and that is right. A turn on the last model of its chain has nobody to go on
 * to: it asks.
 */
function askedWhileDown(run: SeenRun): readonly Broken[] {
  return run.requests.flatMap((failed) => {
    const from = failed.endedAtMs
    if (failed.retryAfterMs === undefined || from === undefined || wasUnheard(run, failed, from)) return []
    const until = from + Math.min(failed.retryAfterMs, longestRestMs) - graceMs / 2
    const same = run.requests.filter(({ model }) => model === failed.model)
    return (
      same
        .filter(({ atMs, step }) => atMs > from + graceMs && atMs < until && step !== "compaction")
        .filter(({ atMs }) => !hasRecovered(same, from, atMs))
        .filter(({ atMs }) => !isWholeChainDown(run, failed.model, atMs))
        .filter((later) => !standsAtItsEnd(run, later))
        // OpenCode's own retries go on for a session that was deleted (measured without the plugin, 1.18.33).
        .filter(({ tag }) => !run.cutShort.has(tag))
        .map((later) => {
          const seen = `asked ${Math.round(later.atMs - from)} ms after it said ${failed.fault} to ${failed.tag}`
          return broken("who is known to be down is not asked", later, "no request", seen)
        })
    )
  })
}

/** The limit that the soak sets; the simulated providers are silent for 5 s, and a busy machine may notice late. */
const silenceLimitMs = 2_000
const longestSilentMs = 4_500

/** Silences that nobody put an end to, although somebody else was there to be asked. */
function waitedFor(run: SeenRun): readonly Broken[] {
  return run.requests.flatMap((request) => {
    const { model, tag, atMs, endedAtMs } = request
    if (!request.isSilent || endedAtMs === undefined || endedAtMs - atMs < longestSilentMs) return []
    const limitMs = atMs + silenceLimitMs
    const isAlone = isWholeChainDown(run, model, limitMs, tag)
    if (isAlone || wasUnheard(run, request, limitMs) || wasUnheard(run, request, endedAtMs)) return []
    const seen = `${request.fault} for ${Math.round(endedAtMs - atMs)} ms`
    return [broken("a silent model is left", request, "another one is asked", seen)]
  })
}

/** Nobody was there to hear of the failure: the turn was ended, or the power cut. */
function wasUnheard({ kills, cutShort }: SeenRun, { tag }: SeenRequest, atMs: number): boolean {
  return cutShort.has(tag) || kills.some((kill) => atMs > kill.atMs - graceMs && atMs < kill.atMs + graceMs)
}

/** A request that was under way already says nothing of how the model is now; one that was sent since does. */
function hasRecovered(same: readonly SeenRequest[], fromMs: number, untilMs: number): boolean {
  return same.some(({ fault, atMs, endedAtMs }) => {
    if (fault !== undefined || endedAtMs === undefined) return false
    return atMs > fromMs && endedAtMs < untilMs
  })
}

/**
 * Everybody else has failed so lately that they may rest as well, or in this turn, which asks nobody
 * twice.
 */
function isWholeChainDown({ requests, chains }: SeenRun, model: string, atMs: number, tag?: string): boolean {
  const chain = chains.find((models) => models.includes(model)) ?? []
  const isDown = (request: SeenRequest): boolean => {
    if (request.fault === undefined || request.atMs >= atMs) return false
    return request.tag === tag || (request.endedAtMs ?? atMs) > atMs - longestRestMs - graceMs
  }
  return chain.every(
    (other) => other === model || requests.some((request) => request.model === other && isDown(request)),
  )
}

/** The turn has asked the last model of its chain before, and left the others for it. */
function standsAtItsEnd({ requests, chains }: SeenRun, { tag, model, atMs }: SeenRequest): boolean {
  return (
    chains.some((models) => models.length > 1 && models.at(-1) === model) &&
    requests.some((request) => request.tag === tag && request.model === model && request.atMs < atMs)
  )
}
