import type { RGBA } from "@opentui/core"
import type { JSX } from "@opentui/solid"
import type { BusEvent, ModelReference } from "../../opencode/v2/host/context.ts"

/**
 * The part of OpenCode 2's interface for plugins of the terminal that we use, as 2.0.15 has it. Written by hand and
 * structural: its packages of types are not published.
 */
export type TuiContext = {
  readonly location?: { readonly directory?: string | undefined } | undefined
  /** The tokens of the theme in use; changes with it. */
  readonly theme: {
    readonly text: {
      readonly base: RGBA
      readonly muted: RGBA
      readonly feedback: Readonly<Record<"success" | "warning" | "error", { readonly base: RGBA }>>
    }
  }
  readonly client: {
    readonly rpc: {
      call(input: {
        readonly rpcID: string
        readonly method: string
        readonly input: unknown
        readonly location?: { readonly directory: string }
      }): Promise<unknown>
    }
    /** The very object through which the terminal itself asks. */
    readonly session?: { switchModel?(to: SwitchModel, ...rest: readonly unknown[]): Promise<unknown> }
  }
  readonly data: {
    on(type: string, callback: (event: TuiEvent) => void): () => void
    /** What the terminal knows of the sessions, which every part of it reads; changes by itself. */
    readonly session?: {
      get(sessionID: string): object | undefined
      /** Replaces what is known of a session, in this terminal only. */
      remember?(info: object): void
    }
  }
  readonly ui: {
    readonly toast: { show(toast: TuiToast): void }
    readonly dialog: { alert(text: { readonly title: string; readonly message: string }): Promise<unknown> }
    readonly router: { current(): { readonly type: string; readonly sessionID?: string | undefined } }
    /** A session's sidebar gives its id. What `render` gives must be an element or nothing. */
    slot(claim: {
      readonly append: "sidebar.content"
      readonly render: (props: { readonly sessionID?: string | undefined }) => JSX.Element
    }): unknown
  }
}

/** An event of any project of the service; a half of ours in the server names its own as the `location`. */
export type TuiEvent = Pick<BusEvent, "data" | "location">

export type SwitchModel = { readonly sessionID: string; readonly model: ModelReference }

export type TuiToast = {
  readonly title: string
  readonly message: string
  readonly variant: "info" | "success" | "warning" | "error"
  /** Milliseconds. */
  readonly duration?: number
}
