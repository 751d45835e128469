/** For what several users share, and what may be possible later where it is not now. */
export function openOnce<Opened>(open: () => Promise<Opened>) {
  let opening: Promise<Opened> | undefined
  return {
    /** Opens it at the first call; where that fails, the next call tries again. */
    get: (): Promise<Opened> =>
      (opening ??= open().catch((error: unknown) => {
        opening = undefined
        throw error
      })),
    /** What has been opened, without opening anything. Why it did not open is known to whom asked for it. */
    current: async (): Promise<Opened | undefined> => opening?.catch(() => undefined),
  }
}
