import type { ModelKey } from "./model-ref.ts"

/** What OpenCode says of one connected model. */
export type CatalogModel = {
  /** As OpenCode shows it; absent when it does not say. */
  readonly name?: string
  /** `2026-01-31`; absent when it does not say. */
  readonly releaseDate?: string
  readonly images: boolean
  readonly pdf: boolean
  readonly toolCalls: boolean
  /** Tokens that fit into the window; 0 when OpenCode does not know. */
  readonly contextTokens: number
}

/**
 * The models that OpenCode can use right now. `unknown` when it could not be asked or answered with nothing:
 * that is no licence to send, only the absence of an opinion (see `select`).
 */
export type Catalog =
  | { readonly known: false }
  | {
      readonly known: true
      readonly providers: ReadonlySet<string>
      readonly models: ReadonlyMap<ModelKey, CatalogModel>
    }
