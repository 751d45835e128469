import type { LoadedSettings } from "../config/load-settings.ts"
import { cooldownPolicy } from "../config/policy.ts"
import { readTextFile } from "../config/read-text-file.ts"
import type { Settings } from "../config/schema.ts"
import { pathText, sourceText } from "../config/settings-problem.ts"
import { thisUser } from "../config/this-user.ts"
import { keyCircuit } from "../core/circuit.ts"
import { describeKeyChange } from "../core/keys/describe-key.ts"
import type { Host } from "../host/host.ts"
import { createOwnFaults, nameAlone } from "../host/own-fault.ts"
import type { Incidents } from "../notify/incidents.ts"
import type { OnSwitch } from "../notify/on-switch.ts"
import type { Store } from "../store/store.ts"
import { createAccountSend, type KeyChange } from "./account-send.ts"
import { createKeyHealth } from "./key-health.ts"
import { createLimitWatch } from "./limit-watch.ts"
import { type ResolvedKeys, resolveKeys } from "./resolve-keys.ts"

type Keys = ResolvedKeys["keys"]

type AccountsInput = {
  readonly settings: Settings
  readonly keys: Keys
  readonly store: Store
  readonly host: Pick<Host, "log" | "toast">
  readonly incidents: Pick<Incidents, "open">
  readonly onSwitch: OnSwitch | undefined
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
}

/** How long a toast stays, milliseconds. */
const shownMs = 8_000

type KeysInput = Pick<AccountsInput, "settings" | "host"> & {
  readonly sources: Pick<LoadedSettings, "origins">
}

/** The keys that the settings add to OpenCode's own, by provider; which of them cannot be had is logged. */
export async function readKeys({ settings, host, sources }: KeysInput): Promise<ResolvedKeys> {
  const resolved = await resolveKeys(settings, { ...thisUser(), readFile: readTextFile })
  const missing = resolved.missing.filter(({ what }) => what !== undefined)
  const places = await sources.origins(missing.map(({ path }) => path))
  missing.forEach(({ path, what }, index) => {
    const place = places[index]
    const where = place === undefined ? "" : `${sourceText(place)}: `
    host.log("warn", `${where}${pathText(path)}: ${what} The key is left out.`)
  })
  return resolved
}

/**
 * What lies between the choice of a model and the network: the keys from the settings, and the limits of each; `limits`
 * is for answers to what was not sent with `accountSend`.
 */
export function assembleAccounts(input: AccountsInput) {
  const { settings, keys, store, host, now, random } = input
  const faults = createOwnFaults(host, nameAlone)
  const later = (run: () => void): void => void setImmediate(() => faults.guard(run))
  const limits = createLimitWatch({ store, now, later })
  const accountSend = createAccountSend({
    furtherKeys: (provider) => keys.get(provider) ?? [],
    health: createKeyHealth({ store, cooldown: cooldownPolicy(settings), now, random }),
    limits,
    keyChanged: (change) => announceKeyChange(input, change),
    faults,
    now,
  })
  return { accountSend, limits }
}

function announceKeyChange({ host, incidents, onSwitch, now }: AccountsInput, change: KeyChange): void {
  const { sessionID, provider, kind, from, to, until } = change
  const [fromKey, toKey] = [from.number, to.number]
  const message = describeKeyChange(provider, fromKey, toKey, kind)
  host.log("warn", message)
  onSwitch?.notify({ at: now(), sessionID, event: "key_changed", kind, provider, fromKey, toKey })
  const isNew = incidents.open(`${keyCircuit(provider, from.fingerprint)} > ${to.fingerprint}`, until)
  if (isNew) void host.toast({ title: "Understudy", message, variant: "warning", durationMs: shownMs })
}
