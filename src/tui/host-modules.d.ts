/**
 * The parts of OpenTUI and Solid that the panel uses. OpenCode brings both along at run time and no other copy
 * would do; their packages hold native code and a compiler, too much to install for two elements and a signal.
 * Source: @opentui/solid 0.4.5, solid-js 1.9.12.
 */
declare module "@opentui/solid/jsx-runtime" {
  import type { TuiThemeCurrent } from "@opencode-ai/plugin/tui"

  /** Colours are `RGBA` objects of the theme; nothing here looks into them. */
  type Color = TuiThemeCurrent["text"]
  type Child = JSX.Element | string | readonly Child[] | (() => Child) | undefined

  export namespace JSX {
    type Element = object | null
    interface ElementChildrenAttribute {
      children: unknown
    }
    interface IntrinsicElements {
      box: {
        readonly ref?: (box: { visible: boolean }) => void
        readonly flexDirection?: "row" | "column"
        readonly flexGrow?: number
        readonly flexShrink?: number
        readonly gap?: number
        readonly children?: Child
      }
      text: {
        readonly fg?: Color
        readonly flexGrow?: number
        readonly flexShrink?: number
        readonly wrapMode?: "none" | "char" | "word"
        readonly truncate?: boolean
        readonly children?: Child
      }
      b: { readonly children?: Child }
    }
  }

  export function jsx(type: unknown, props: unknown): JSX.Element
  export const jsxs: typeof jsx
}

declare module "solid-js" {
  export function createSignal<Value>(first: Value): [get: () => Value, set: (value: Value) => void]
  export function createEffect(run: () => void): void
  export function untrack<Value>(run: () => Value): Value
  export function onCleanup(run: () => void): void
}
