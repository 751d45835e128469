export type Once<Opened> = {
  /** Opens it at the first call; where that fails, the next call tries again. */
  readonly get: () => Promise<Opened>
  /** What has been opened, without opening anything. Never rejects. */
  readonly current: () => Promise<Opened | undefined>
}

/** For what several users share, and what may be possible later where it is not now. */
export function openOnce<Opened>(open: () => Promise<Opened>): Once<Opened> {
  let opening: Promise<Opened> | undefined
  return {
    get: () =>
      (opening ??= open().catch((error: unknown) => {
        opening = undefined
        throw error
      })),
    // Why it did not open is known to whom asked for it.
    current: async () => opening?.catch(() => undefined),
  }
}
