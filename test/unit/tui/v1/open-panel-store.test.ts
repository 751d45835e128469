import { expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openPanelStore } from "../../../../src/tui/v1/open-panel-store.ts"
import { failOnce, storeOfAnother } from "../../cli/status/store-of-another.ts"

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

test("a cooldown as long as the settings allow is believed", async () => {
  const home = await mkdtemp(join(tmpdir(), "understudy-panel-"))
  const before = process.env["XDG_STATE_HOME"]
  process.env["XDG_STATE_HOME"] = home
  try {
    const server = await storeOfAnother(join(home, "opencode-understudy"))
    failOnce(server, "alpha/one")
    const project = { directory: home, worktree: home, pluginOptions: {}, log: () => undefined }
    const panel = await openPanelStore(project)
    expect(panel?.circuits()).toEqual([...server.circuits()])
    await Promise.all([panel?.close(), server.close()])
  } finally {
    if (before === undefined) delete process.env["XDG_STATE_HOME"]
    else process.env["XDG_STATE_HOME"] = before
    await rm(home, { recursive: true })
  }
})
