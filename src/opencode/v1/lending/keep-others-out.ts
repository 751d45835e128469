import { asObject, field } from "../../../core/json-object.ts"

/** What a rewriting of ours holds on its way: some plugins fail where a message says nothing. It is never stored. */
export const placeholder = { type: "text", text: "", ignored: true } as const

/**
 * Other plugins take a rewriting of ours for a new message, and some add a part to each or choose its model. All that
 * was done when the message came in: once more of it would change what the user wrote, or undo the switch. What those
 * before us have added is dropped here; those after us get a list of parts and a model that OpenCode does not read.
 */
export function keepOthersOut(output: { readonly message: object; parts: unknown[] }): void {
  const model = asObject(field(output.message, "model"))
  const ours = { get: () => ({ ...model }), set: ignore, enumerable: true, configurable: true }
  Object.defineProperty(output.message, "model", ours)
  const stored = output.parts
  output.parts = [...stored]
  stored.length = 0
}

function ignore(): void {
  // Without a setter the other plugin's assignment would throw, and our rewriting would fail with it.
}
