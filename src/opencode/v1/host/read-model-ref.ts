import { text } from "../../../core/json-object.ts"
import type { ModelRef } from "../../../core/model-ref.ts"

/** The model that a message of OpenCode's names; `undefined` where it names none. */
export function readModelRef(named: unknown): ModelRef | undefined {
  const [providerID, modelID] = [text(named, "providerID"), text(named, "modelID")]
  return providerID === undefined || modelID === undefined ? undefined : { providerID, modelID }
}
