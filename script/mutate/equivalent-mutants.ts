/** A mutant that nothing can tell from the original, and why. */
export type EquivalentMutant = {
  readonly file: string
  /** As the run prints it. */
  readonly change: string
  readonly because: string
}

export const equivalentMutants: readonly EquivalentMutant[] = []
