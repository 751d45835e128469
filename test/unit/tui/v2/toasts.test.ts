import { expect, test } from "bun:test"
import type { TuiContext, TuiEvent } from "../../../../src/tui/v2/context.ts"
import { showToasts } from "../../../../src/tui/v2/toasts.ts"

test.each([
  ["is shown in its project", "/here", "/here", true],
  ["is not shown in another project of the service", "/here", "/there", false],
  ["is shown where the terminal does not say which project is its own", undefined, "/there", true],
  ["is shown where the event does not say", "/here", undefined, true],
])("a toast %s", (_, here, there, isShown) => {
  const callbacks = new Map<string, (event: TuiEvent) => void>()
  const shown: string[] = []
  showToasts({
    location: { directory: here },
    data: { on: (type: string, callback: (event: TuiEvent) => void) => void callbacks.set(type, callback) },
    ui: {
      toast: { show: ({ message }: { message: string }) => void shown.push(message) },
    },
  } as unknown as TuiContext)
  const data = { title: "Understudy", message: "b/1 goes on", variant: "warning", durationMs: 8_000 }
  callbacks.get("rpc.understudy.toast")?.({ data, location: { directory: there } })
  expect(shown).toEqual(isShown ? ["b/1 goes on"] : [])
})
