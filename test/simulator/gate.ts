/** A point at which a scripted answer stops until the test lets it go on: exact ordering without sleeping. */
export interface Gate {
  /** Resolves when an answer has arrived at the gate. */
  readonly reached: Promise<void>
  /** Resolves when the test opens the gate. */
  readonly opened: Promise<void>
  open(): void
  /** Called by the simulator. */
  arrive(): void
}

export function gate(): Gate {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  return { reached: reached.promise, opened: opened.promise, open: opened.resolve, arrive: reached.resolve }
}
