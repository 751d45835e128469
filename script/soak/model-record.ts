import type { RecordedRequest } from "../../test/simulator/index.ts"

/** What a simulated provider knows of one of its models. */
type Seen = {
  readonly tag: string
  readonly request: RecordedRequest
  readonly fault: string | undefined
  readonly toldMs: number | undefined
}

/** Requests under way when the failure became known, and the moment in which the plugin learns of it. */
const graceMs = 400

/**
 * The providers' own view of who was asked when: finds requests to a model that was known to be down.
 *
 * Only what a provider has said itself counts (`retry-after`): whatever else opens a circuit is the plugin's choice.
 */
export class ModelRecord {
  readonly #seen = new Map<string, Seen[]>()

  add(seen: Seen): void {
    const { model } = seen.request
    this.#seen.set(model, [...(this.#seen.get(model) ?? []), seen])
  }

  /** Failures so far. */
  faults(): number {
    return [...this.#seen.values()].flat().filter((entry) => entry.fault !== undefined).length
  }

  /** Who was asked for this turn, and what they said, in order. */
  trail(tag: string): string {
    return [...this.#seen]
      .flatMap(([model, entries]) => entries.map((entry) => ({ model, ...entry })))
      .filter((entry) => entry.tag === tag)
      .toSorted((one, other) => one.request.atMs - other.request.atMs)
      .map(({ model, fault }) => `${model}: ${fault ?? "well"}`)
      .join(", ")
  }

  /** Whether every one of the models failed in this turn, or shortly before it for somebody else. */
  allFailed(models: readonly string[], sinceMs: number): boolean {
    return models.every((model) =>
      this.#seen.get(model)?.some((entry) => entry.fault !== undefined && entry.request.atMs >= sinceMs),
    )
  }

  /**
   * Requests within a time in which the model's provider had said that it must not be asked.
   *
   * @param chainOf the models of the chain that this model stands in: with all of them down OpenCode's own retries
   * go to the user's own model, and that is right
   */
  askedWhileDown(chainOf: (model: string) => readonly string[]): readonly string[] {
    return [...this.#seen].flatMap(([model, entries]) =>
      entries.flatMap((failed) => {
        const from = failed.request.endedAtMs ?? failed.request.atMs
        if (failed.toldMs === undefined) return []
        const until = from + failed.toldMs - graceMs
        return entries
          .filter(({ request }) => request.atMs > from + graceMs && request.atMs < until)
          .filter(({ request }) => !this.#recovered(entries, from, request.atMs))
          .filter(({ request }) => !this.#allDown(chainOf(model), request.atMs))
          .map((later) => {
            const afterMs = Math.round(later.request.atMs - from)
            return `${model} was asked by ${later.tag} ${afterMs} ms after it said ${failed.fault} to ${failed.tag}`
          })
      }),
    )
  }

  /** An answer that began before the failure and ended well after it says that the model is back. */
  #recovered(entries: readonly Seen[], fromMs: number, untilMs: number): boolean {
    return entries.some(({ fault, request: { endedAtMs } }) => {
      if (fault !== undefined || endedAtMs === undefined) return false
      return endedAtMs > fromMs - graceMs && endedAtMs < untilMs
    })
  }

  #allDown(models: readonly string[], atMs: number): boolean {
    const recentMs = 15_000
    return models.every((model) =>
      this.#seen
        .get(model)
        ?.some(
          ({ fault, request }) =>
            fault !== undefined && request.atMs < atMs && request.atMs > atMs - recentMs,
        ),
    )
  }
}
