import { growingPause } from "../../../async/growing-pause.ts"
import { BoundedMap } from "../../../core/bounded-map.ts"
import { text } from "../../../core/json-object.ts"
import type { BusEvent, Context } from "./context.ts"

type Follower = {
  readonly onEvent: (event: BusEvent) => Promise<void>
  /** The bus had ended, and is listened to again: events may have been missed. */
  readonly onGap: () => Promise<void>
  readonly onFault: (error: unknown) => void
}

/** Pauses before the bus is listened to again: the first, and the longest after further ones without an event. */
const firstPauseMs = 1_000
const longestPauseMs = 60_000

/**
 * Reads what the bus says of a project, one event after the other, until it is told to stop. The bus is that of the
 * whole process; one that ends by itself is listened to again.
 *
 * @returns ends it; not to be waited for, since a generator returns only with its next event, which may never come
 */
export function followBus(
  { event, location }: Pick<Context, "event" | "location">,
  { onEvent, onGap, onFault }: Follower,
): () => void {
  const concernsProject = createConcernsProject(location.directory)
  let events: AsyncIterator<BusEvent> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const pause = growingPause(firstPauseMs, longestPauseMs)

  const read = async (): Promise<void> => {
    events = event.subscribe()[Symbol.asyncIterator]()
    for (let next = await events.next(); !next.done; next = await events.next()) {
      if (isOver) return
      pause.reset()
      if (concernsProject(next.value)) await onEvent(next.value).catch(onFault)
    }
  }

  const listen = async (): Promise<void> => {
    // It usually ends with its process, or with this project, of whose end we are told.
    await read().catch(() => undefined)
    if (isOver) return
    timer = setTimeout(() => {
      void listen()
      onGap().catch(onFault)
    }, pause.next())
    timer.unref()
  }

  void listen()
  return (): void => {
    isOver = true
    clearTimeout(timer)
    void events?.return?.().catch(() => undefined)
  }
}

/**
 * Whether an event of the process's bus concerns a project. Many events of a session name no place, a switch of ours
 * among them: they concern the project that the session was last seen in, or anyone where it was seen in none.
 */
export function createConcernsProject(directory: string): (event: BusEvent) => boolean {
  const elsewhere = new BoundedMap<string, boolean>()
  return ({ data, location }) => {
    const sessionID = text(data, "sessionID")
    const isElsewhere = location?.directory === undefined ? undefined : location.directory !== directory
    if (sessionID === undefined) return isElsewhere !== true
    if (isElsewhere !== undefined) elsewhere.set(sessionID, isElsewhere)
    return elsewhere.get(sessionID) !== true
  }
}
