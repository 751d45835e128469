import { field } from "../../../core/json-object.ts"
import type { ModelReference } from "../host/context.ts"
import { readReference } from "../host/model-reference.ts"

/** A session that stands on a model of ours until its turn is over. */
export type Loan = {
  readonly own: ModelReference
  readonly inUse: ModelReference
}

/** As OpenCode's storage keeps it. */
export type StoredLoan = Loan & {
  /** A server that was killed while it went on to `inUse` may have left the session here. */
  readonly left?: ModelReference
  readonly pid: number
  /** When it was lent. */
  readonly at: number
}

export function readStored(value: unknown): StoredLoan | undefined {
  const own = readReference(field(value, "own"))
  const inUse = readReference(field(value, "inUse"))
  const left = readReference(field(value, "left"))
  const [pid, at] = [field(value, "pid"), field(value, "at")]
  if (!own || !inUse || typeof pid !== "number") return undefined
  return { own, inUse, ...(left && { left }), pid, at: typeof at === "number" ? at : 0 }
}

/** Whether a process of this machine still runs. One that may not be signalled does. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return field(error, "code") === "EPERM"
  }
}
