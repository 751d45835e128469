import { expect, test } from "bun:test"
import { tmpdir } from "node:os"
import { openPanelStore } from "../../../src/tui/open-panel-store.ts"
import { openOnce } from "../../../src/tui/panels.ts"

test("a store that could not be opened is tried again with the next panel, and then kept", async () => {
  const outcomes = [() => Promise.reject(new Error("locked")), () => Promise.resolve("open")]
  const { get, current } = openOnce(() => outcomes.shift()?.() ?? Promise.reject(new Error("opened twice")))
  expect(await current()).toBeUndefined()
  const both = await Promise.allSettled([get(), get(), current()])
  expect(both).toMatchObject([{ status: "rejected" }, { status: "rejected" }, { value: undefined }])
  expect(await current()).toBeUndefined()
  expect([await get(), await get(), await current()]).toEqual(["open", "open", "open"])
})

test.each([{ store: "memory" }, { enabled: false }])(
  "with %j there is no store to read",
  async (settings) => {
    const store = await openPanelStore({
      directory: tmpdir(),
      worktree: tmpdir(),
      pluginOptions: { runtime_fallback: settings },
      log: (_, message) => expect(message).toBe(""),
    })
    expect(store).toBeUndefined()
  },
)
