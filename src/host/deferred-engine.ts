/** What works for either version of OpenCode, of which only the end matters here. */
type Disposable = { readonly dispose: () => Promise<void> }

/** OpenCode is up by then; a person has not typed a prompt. */
const idleAfterMs = 3_000

export type DeferredEngine<Engine extends Disposable> = ReturnType<typeof deferEngine<Engine>>

/**
 * An engine that is loaded and created when somebody needs it, or a moment after OpenCode's start: the start has
 * to wait for neither our code nor the store.
 *
 * @param create loads it; a rejection is handed to `onFault`, once
 */
export function deferEngine<Engine extends Disposable>(
  create: () => Promise<Engine>,
  onFault: (error: unknown) => void,
) {
  let isDisposed = false
  let creating: Promise<Engine | undefined> | undefined
  const begin = (): Promise<Engine | undefined> => {
    clearTimeout(timer)
    return create().catch((error: unknown) => {
      onFault(error)
      return undefined
    })
  }
  const timer = setTimeout(() => void (creating ??= begin()), idleAfterMs)
  timer.unref()
  return {
    /** Creates it at the first call. `undefined` when it could not be created, or was disposed of. */
    get: async (): Promise<Engine | undefined> => {
      if (isDisposed) return undefined
      const engine = await (creating ??= begin())
      return isDisposed ? undefined : engine
    },
    dispose: async (): Promise<void> => {
      isDisposed = true
      clearTimeout(timer)
      await (await creating)?.dispose()
    },
  }
}
