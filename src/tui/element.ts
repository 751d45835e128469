import type { RGBA } from "@opentui/core"
import { createElement, type JSX, spread } from "@opentui/solid"

export type Child = JSX.Element | string | readonly Child[] | (() => Child)

type Elements = {
  readonly box: {
    readonly ref?: (box: { visible: boolean }) => void
    readonly flexDirection?: "row" | "column"
    readonly gap?: number
  }
  readonly text: {
    readonly fg: RGBA
    readonly flexGrow?: number
    readonly flexShrink?: number
    readonly wrapMode?: "none" | "word"
    /** With `wrapMode: "none"`: what does not fit gives way to an ellipsis in the middle. */
    readonly truncate?: boolean
  }
  readonly b: { readonly fg?: RGBA }
}

/**
 * One element of the terminal. In the place of JSX, whose compiler (Solid's own) needs Babel for a dozen elements.
 * Only a function among the children is reactive.
 */
export function element<Type extends keyof Elements>(
  type: Type,
  props: Elements[Type],
  ...children: readonly Child[]
): JSX.Element {
  const made = createElement(type)
  spread(made, { ...props, children })
  return made
}
