import { expect, test, describe } from "bun:test"
import { openOnce, serverOptions } from "../../../../src/tui/v1/panels.ts"

test("a store that could not be opened is tried again with the next panel, and then kept", async () => {
  const outcomes = [() => Promise.reject(new Error("locked")), () => Promise.resolve("open")]
  const { get, current } = openOnce(() => outcomes.shift()?.() ?? Promise.reject(new Error("opened twice")))
  expect(await current()).toBeUndefined()
  const both = await Promise.allSettled([get(), get(), current()])
  expect(both).toMatchObject([{ status: "rejected" }, { status: "rejected" }, { value: undefined }])
  expect(await current()).toBeUndefined()
  expect([await get(), await get(), await current()]).toEqual(["open", "open", "open"])
})

const options = { runtime_fallback: { store: "memory" } }

describe("our options in OpenCode's configuration", () => {
  const rows: readonly (readonly [title: string, plugin: readonly unknown[] | undefined, found: unknown])[] =
    [
      ["without plugins", undefined, undefined],
      ["by name, without options", ["opencode-understudy"], undefined],
      ["by name", ["other", ["opencode-understudy", options]], options],
      ["with a version", [["opencode-understudy@1.2.3", options]], options],
      ["by path", [["file:///home/me/opencode-understudy", options]], options],
      ["of another plugin", [["opencode-other", { store: "redis://" }]], undefined],
      ["of a shape that OpenCode does not know", [[7, options], [], null], undefined],
    ]
  test.each(rows)("%s", (_title, plugin, found) => {
    expect(serverOptions(plugin ? { plugin } : {})).toEqual(found)
  })
})
