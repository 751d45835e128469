import type { Host } from "./host.ts"
import { isSessionGone } from "./session-gone.ts"

export type OwnFaults = ReturnType<typeof createOwnFaults>

/** Enough for a message and a stack. Characters. */
const longestText = 2_000

/**
 * Runs our own code so that a fault in it is logged and OpenCode gets what it would have got without us.
 *
 * @param describe what the log may say of a fault; its message and stack where nothing else is given
 */
export function createOwnFaults(host: Pick<Host, "log">, describe = messageAndStack) {
  const log = (error: unknown, where = ""): void => {
    if (isSessionGone(error)) return host.log("info", error.message || "the session is gone")
    const text = describe(error).slice(0, longestText)
    host.log("error", `an internal error${where}; OpenCode gets what it would have got without us: ${text}`)
  }
  return {
    log,
    /** @returns `undefined` after a fault */
    guard: <T>(run: () => T): T | undefined => {
      try {
        return run()
      } catch (error) {
        log(error)
        return undefined
      }
    },
    /**
     * @param where what the log is to name, beside the stack
     * @returns `undefined` after a fault
     */
    guardAsync: async <T>(run: () => Promise<T> | T, where?: string): Promise<T | undefined> => {
      try {
        return await run()
      } catch (error) {
        log(error, where && ` in ${where}`)
        return undefined
      }
    },
  }
}

function messageAndStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A stack of Bun 1.3.14 was once seen to begin without the message.
  const { name, message, stack = "" } = error
  return stack.includes(message) ? stack : `${name}: ${message}\n${stack}`
}

/** For code that knows keys: a message may hold the address of a request, and that a key. */
export function nameAlone(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}
