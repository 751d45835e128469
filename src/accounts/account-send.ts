import { type ModelKey, providerOf } from "../core/model-ref.ts"
import type { Send } from "../transport/fetch-wrapper.ts"
import type { LimitWatch } from "./limit-watch.ts"

/** What is done with each request for a model below the decision which model it is. */
export type AccountSend = (model: ModelKey, send: Send) => Send

export function createAccountSend({ limits }: { readonly limits: LimitWatch }): AccountSend {
  return (model, send) => async (input, init) => {
    const response = await send(input, init)
    limits.seen({ account: providerOf(model) }, response.headers)
    return response
  }
}
