import { expect, test } from "bun:test"
import type { TuiContext, TuiEvent } from "../../../../src/tui/v2/context.ts"
import { showToasts } from "../../../../src/tui/v2/toasts.ts"

test.each([
  ["is shown in its project", "/here", "/here", true],
  ["is not shown in another project of the service", "/here", "/there", false],
  ["is shown where the terminal does not say which project is its own", undefined, "/there", true],
  ["is shown where the event does not say", "/here", undefined, true],
])("a toast %s", (_, here, there, isShown) => {
  const { show, shown } = terminal(here)
  const data = { title: "Understudy", message: "b/1 goes on", variant: "warning", durationMs: 8_000 }
  show({ data, location: { directory: there } })
  expect(shown).toEqual(isShown ? ["b/1 goes on"] : [])
})

test.each([undefined, null, {}, { message: "b/1 goes on" }, { message: 1, variant: "info" }])(
  "what a service of another version sends is no toast: %j",
  (data) => {
    const { show, shown } = terminal("/here")
    show({ data, location: { directory: "/here" } })
    expect(shown).toEqual([])
  },
)

function terminal(directory: string | undefined) {
  const callbacks = new Map<string, (event: TuiEvent) => void>()
  const shown: string[] = []
  showToasts({
    location: { directory },
    data: { on: (type: string, callback: (event: TuiEvent) => void) => void callbacks.set(type, callback) },
    ui: {
      toast: { show: ({ message }: { message: string }) => void shown.push(message) },
    },
  } as unknown as TuiContext)
  return { shown, show: (event: TuiEvent): void => callbacks.get("rpc.understudy.toast")?.(event) }
}
