import type { FetchInit, FetchInput } from "./fetch-arguments.ts"
import { takeStepMarker } from "./step-marker.ts"

/** Sends a request the way it would have gone without us. */
export type Send = (input: FetchInput, init: FetchInit) => Promise<Response>

/** Handles one request that is known to be a step of a turn. */
type StepRequestHandler = (input: FetchInput, init: FetchInit, send: Send) => Promise<Response>

/** Says who handles the request with this marker, if it is this owner's. Must not throw. */
export type ClaimStep = (token: string) => StepRequestHandler | undefined

/** Looks at a request that bears no marker. Must neither throw nor touch it. */
type SeeRequest = (input: FetchInput, init: FetchInit) => void

type FetchSlot = {
  /** Ours, each with the property in whose place it was put: somebody may have come between two of them. */
  readonly wrappers: Map<typeof fetch, PropertyDescriptor>
  /** One for each plugin instance in this process; several instances share the wrappers. */
  readonly owners: Set<FetchOwner>
}

type FetchOwner = { readonly claim: ClaimStep; readonly see: SeeRequest }

/** One slot for each process and wire version of this contract; a second copy of the package joins it. */
const slotKey = Symbol.for("opencode-understudy/fetch@3")

type SlotHolder = { [slotKey]?: FetchSlot }

/** Somebody else may want to be the first as well, and come back each time: whatever it repeats, it repeats in each. */
const mostWrappers = 3

type FetchWrapping = {
  /**
   * Puts our wrapper in front of whatever has come into its place: another plugin that has wrapped `fetch` may also
   * have put back the one from before us, and a marker would leave the process.
   *
   * @returns whether a marker is taken off, as far as anybody can tell; not where `fetch` cannot be replaced, nor after
   *   `dispose`
   */
  readonly standInFront: () => boolean
  readonly dispose: () => void
}

/**
 * Puts the wrapper around the process's `fetch`, or joins the one that is already there. Only requests that
 * bear our marker are handled; all others reach the original with the same arguments and their promise is
 * returned as it is.
 *
 * `dispose` is idempotent. The last owner to leave puts the old property back if `fetch` is still ours; if
 * somebody has wrapped us meanwhile the chain is left alone and our part only passes through.
 */
export function wrapFetch(claim: ClaimStep, see: SeeRequest = () => undefined): FetchWrapping {
  const holder = globalThis as typeof globalThis & SlotHolder
  const slot = (holder[slotKey] ??= { wrappers: new Map(), owners: new Set() })
  const owner = { claim, see }
  slot.owners.add(owner)
  const standInFront = (): boolean =>
    slot.owners.has(owner) && (slot.wrappers.has(globalThis.fetch) || addWrapper(slot))
  standInFront()
  return {
    standInFront,
    dispose: () => {
      if (!slot.owners.delete(owner) || slot.owners.size > 0) return
      for (let before; (before = slot.wrappers.get(globalThis.fetch));)
        Object.defineProperty(globalThis, "fetch", before)
      slot.wrappers.clear()
    },
  }
}

function addWrapper({ wrappers, owners }: FetchSlot): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "fetch")
  if (!descriptor || typeof descriptor.value !== "function") return false
  if (!descriptor.configurable && !descriptor.writable) return false
  const known = [...wrappers].find(([, { value }]) => value === descriptor.value)?.[0]
  if (!known && wrappers.size >= mostWrappers) return true
  const wrapper = known ?? newWrapper(globalThis.fetch, owners)
  Object.defineProperty(globalThis, "fetch", { ...descriptor, value: wrapper })
  wrappers.set(wrapper, descriptor)
  return true
}

function newWrapper(inner: typeof fetch, owners: FetchSlot["owners"]): typeof fetch {
  // A Proxy, because a closure would lose Bun's own `fetch.preconnect`.
  const wrapper: typeof fetch = new Proxy(inner, {
    apply: (target, receiver: unknown, args: [FetchInput, FetchInit]) => {
      const pass = (): Promise<Response> => Reflect.apply(target, receiver, args)
      const marked = safely(() => takeStepMarker(...args))
      if (!marked) {
        // One that is not in front is also given what another of ours sends on without its marker.
        if (globalThis.fetch === wrapper) for (const { see } of owners) safely(() => see(...args))
        return pass()
      }
      const send: Send = async (input, init) => Reflect.apply(target, receiver, [input, init])
      for (const { claim } of owners) {
        const handle = claim(marked.token)
        if (handle) return handle(marked.input, marked.init, send)
      }
      return send(marked.input, marked.init)
    },
  })
  return wrapper
}

/** What cannot be read is not ours: exotic arguments must reach the original and fail there, not here. */
function safely<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
