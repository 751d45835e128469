import type { ForAllKeys } from "../core/verdict.ts"

/** Beside the answers and not in their headers: OpenCode keeps those with an error, and a provider may send any. */
const said = new WeakMap<object, ForAllKeys>()

export function sayForAllKeys(response: Response, what: ForAllKeys): Response {
  said.set(response, { ...said.get(response), ...what })
  return response
}

/** @param response or what another one is made of */
export function saidForAllKeys(response: object): ForAllKeys | undefined {
  return said.get(response)
}
