/** A mutant that nothing can tell from the original, and why. */
export type EquivalentMutant = {
  readonly file: string
  /** As the run prints it. */
  readonly change: string
  readonly because: string
}

export const equivalentMutants: readonly EquivalentMutant[] = [
  {
    file: "src/transport/caller-signal.ts",
    change: "input instanceof Request -> true",
    because: "a text and a URL have no signal: the question is for the compiler",
  },
  {
    file: "src/transport/fetch-routes.ts",
    change: "input instanceof Request -> true",
    because: "a text and a URL have no headers: the question is for the compiler",
  },
  {
    file: "src/transport/pause.ts",
    change: "Promise.resolve() -> undefined",
    because: "whoever awaits it goes on at once either way",
  },
]
