/**
 * The parts of OpenTUI and Solid that the panel uses, and those that `@opencode-ai/plugin/tui` names in types we
 * use. OpenCode brings both along at run time and no other copy would do; their packages hold native code and a
 * compiler, too much to install for two elements and a signal. Source: @opentui/solid 0.4.5, solid-js 1.9.12.
 */
declare module "@opentui/core" {
  export interface RGBA {
    readonly r: number
    readonly g: number
    readonly b: number
    readonly a: number
  }
}

declare module "@opentui/solid" {
  export namespace JSX {
    type Element = object | null
  }
  export interface SolidPlugin<Slots, Context> {
    readonly id: string
    readonly order?: number
    readonly slots: {
      readonly [Name in keyof Slots]?: (context: Context, props: Slots[Name]) => JSX.Element
    }
  }
  export function createElement(type: string): object
  export function spread(element: object, props: object): void
  export function createComponent<Props>(component: (props: Props) => JSX.Element, props: Props): JSX.Element
}

declare module "solid-js" {
  export function createSignal<Value>(first: Value): [get: () => Value, set: (value: Value) => void]
  export function createEffect(run: () => void): void
  export function onCleanup(run: () => void): void
  export function untrack<Value>(run: () => Value): Value
}
