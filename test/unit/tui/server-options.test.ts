import { describe, expect, test } from "bun:test"
import { serverOptions } from "../../../src/tui/panels.ts"

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
