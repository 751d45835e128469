import { expect, test } from "bun:test"
import { tmpdir } from "node:os"
import { openPanelStore } from "../../../../src/tui/v1/open-panel-store.ts"

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
