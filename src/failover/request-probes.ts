import { BoundedMap } from "../core/bounded-map.ts"
import { circuitKeys } from "../core/circuit.ts"
import type { ModelKey } from "../core/model-ref.ts"
import { circuitReason } from "../core/select.ts"
import type { SkipReason } from "../core/skip-reason.ts"
import type { Probe, Store } from "../store/store.ts"
import type { Asking } from "../turn/turn.ts"

/** The probes of half-open circuits that requests of this process have taken. */
export function createRequestProbes(store: Store, now: () => number) {
  const underWay = new BoundedMap<string, readonly Probe[]>()

  /** The provider's first; one that is not needed in the end is given back at once. */
  const takeBoth = (asking: Asking): SkipReason | undefined => {
    const taken: Probe[] = []
    for (const key of circuitKeys(asking.model)) {
      const answer = store.takeProbe(key, now())
      if (answer.state === "taken") taken.push(answer.probe)
      if (answer.state !== "busy") continue
      for (const probe of taken) store.giveBackProbe(probe)
      return { why: "being-probed", until: answer.until }
    }
    underWay.set(idOf(asking), taken)
    return undefined
  }

  /** Why the model must not be asked now. */
  const whyUnasked = (model: ModelKey): SkipReason | undefined =>
    circuitReason({ circuit: (key) => store.circuit(key), now: now() }, model)

  return {
    /** For a request that proves nothing: takes no probe. */
    whyUnasked,
    /** Why the model must not be asked now. Otherwise takes the single probe of a circuit that is half-open. */
    tryProbe: (asking: Asking): SkipReason | undefined => whyUnasked(asking.model) ?? takeBoth(asking),
    /** The request that `tryProbe` let through is over: a probe that came to no verdict goes to the next one. */
    endProbe: (asking: Asking): void => {
      for (const probe of underWay.get(idOf(asking)) ?? []) store.giveBackProbe(probe)
      underWay.delete(idOf(asking))
    },
  }
}

function idOf({ sessionID, model }: Asking): string {
  return `${sessionID} ${model}`
}
