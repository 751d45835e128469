import type { ModelKey } from "../core/model-ref.ts"

/** A session and the model that it asks: at most one step of it is under way. */
export type Asking = { readonly sessionID: string; readonly model: ModelKey }
