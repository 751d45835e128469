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
  readonly descriptor: PropertyDescriptor
  readonly wrapper: typeof fetch
  /** One for each plugin instance in this process; several instances share one wrapper. */
  readonly owners: Set<FetchOwner>
}

type FetchOwner = { readonly claim: ClaimStep; readonly see: SeeRequest }

/** One slot for each process and wire version of this contract; a second copy of the package joins it. */
const slotKey = Symbol.for("opencode-understudy/fetch@2")

type SlotHolder = { [slotKey]?: FetchSlot }

type FetchWrapping =
  | { readonly installed: true; readonly dispose: () => void }
  | { readonly installed: false; readonly why: string }

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
  const existing = holder[slotKey]
  const slot = existing ?? createSlot()
  if (!slot) return { installed: false, why: "the global fetch of this process cannot be replaced" }
  if (!existing) {
    Object.defineProperty(globalThis, "fetch", { ...slot.descriptor, value: slot.wrapper })
    holder[slotKey] = slot
  }
  const owner = { claim, see }
  slot.owners.add(owner)
  return {
    installed: true,
    dispose: () => {
      if (!slot.owners.delete(owner) || slot.owners.size > 0) return
      if (globalThis.fetch !== slot.wrapper) return
      Object.defineProperty(globalThis, "fetch", slot.descriptor)
      delete holder[slotKey]
    },
  }
}

function createSlot(): FetchSlot | undefined {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "fetch")
  if (!descriptor || typeof descriptor.value !== "function") return undefined
  if (!descriptor.configurable && !descriptor.writable) return undefined
  const original = globalThis.fetch
  const owners = new Set<FetchOwner>()
  // A Proxy, because a closure would lose Bun's own `fetch.preconnect`.
  const wrapper = new Proxy(original, {
    apply: (target, receiver: unknown, args: [FetchInput, FetchInit]) => {
      const pass = (): Promise<Response> => Reflect.apply(target, receiver, args)
      const marked = safely(() => takeStepMarker(...args))
      if (!marked) {
        for (const { see } of owners) safely(() => see(...args))
        return pass()
      }
      const send: Send = (input, init) => Reflect.apply(target, receiver, [input, init])
      for (const { claim } of owners) {
        const handle = claim(marked.token)
        if (handle) return handle(marked.input, marked.init, send)
      }
      return send(marked.input, marked.init)
    },
  })
  return { descriptor, wrapper, owners }
}

/** What cannot be read is not ours: exotic arguments must reach the original and fail there, not here. */
function safely<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
