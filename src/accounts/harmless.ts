/** What is remembered of an answer, and told of it, must never cost the answer. */
export function harmless(run: () => void, onFault: (error: unknown) => void): void {
  try {
    run()
  } catch (error) {
    onFault(error)
  }
}
