import { describe, expect, test } from "bun:test"
import { chunkTimeouts } from "../../../../src/opencode/v1/plugin.ts"

describe("OpenCode's own limit for a stream without a byte", () => {
  const limit = (options: unknown): number => chunkTimeouts({ provider: { a: { options } } })("a/own")
  test.each([
    [undefined, 300_000],
    [{}, 300_000],
    [{ chunkTimeout: 5_000 }, 5_000],
    [{ chunkTimeout: 0 }, 0],
    [{ chunkTimeout: false }, 0],
    [{ chunkTimeout: -1 }, 300_000],
    [{ chunkTimeout: "5" }, 300_000],
  ])("%p: %d ms", (options, expected) => {
    expect(limit(options)).toBe(expected)
  })

  test("is the usual one for providers that the configuration does not name", () => {
    expect(chunkTimeouts(undefined)("b/1")).toBe(300_000)
  })
})
