import { describe, expect, test } from "bun:test"
import { describeSkip, describeSkipped } from "../../../src/core/describe-skip.ts"
import type { SkipReason } from "../../../src/core/skip-reason.ts"

describe("why a candidate was passed over", () => {
  const now = 1_000_000
  const until = now + 45_000
  const rows: readonly (readonly [SkipReason, string])[] = [
    [{ why: "tried" }, "already tried"],
    [{ why: "tried", kind: "auth" }, "already tried: key was rejected"],
    [{ why: "earlier-in-chain" }, "comes earlier in the list"],
    [{ why: "cooling-down", until, kind: "rate_limit" }, "rate limit reached, cooling down for 45 s"],
    [
      { why: "cooling-down", until, toldBackAt: until + 45_000, kind: "rate_limit" },
      "rate limit reached, back in 1 min 30 s",
    ],
    [{ why: "cooling-down", until, kind: "auth" }, "key was rejected"],
    [{ why: "held" }, "held by hand"],
    [{ why: "being-probed", until }, "being tried by another request right now"],
    [{ why: "provider-tripped", provider: "b", until, kind: "billing" }, "out of credit, top up b"],
    [{ why: "provider-tripped", provider: "b", until, kind: "auth" }, "key was rejected, check the key of b"],
    [
      { why: "provider-tripped", provider: "b", until, kind: "quota" },
      "b: usage limit reached, not used for 45 s",
    ],
    [{ why: "provider-held", provider: "b" }, "b is held by hand"],
    [{ why: "catalog-unknown" }, "OpenCode could not say which models are connected"],
    [{ why: "not-connected", provider: "b" }, "b is not connected"],
    [{ why: "not-offered", provider: "b" }, "b does not offer this model"],
    [
      { why: "near-limit", provider: "b", limit: "5 h window 96 % used", until: now },
      "b: 5 h window 96 % used",
    ],
    [{ why: "unknown-model" }, "OpenCode does not know this model"],
    [{ why: "no-images" }, "cannot read the image"],
    [{ why: "no-pdf" }, "cannot read the PDF"],
    [{ why: "no-tools" }, "cannot call tools"],
    [
      { why: "window-too-small", contextTokens: 8_000, neededTokens: 9_000 },
      "its context window of 8000 tokens is too small for the 9000 in use",
    ],
    [{ why: "would-compact" }, "OpenCode would compact the session for it"],
    [
      { why: "compacts-without-end" },
      "OpenCode would compact at each step; set limit.output for it in opencode.json",
    ],
    [{ why: "not-allowed", rule: "ignore_models" }, "not allowed: ignore_models"],
  ]
  test.each(rows)("%p", (reason, text) => {
    expect(describeSkip(reason, now)).toBe(text)
    expect(describeSkipped({ model: "b/1", reason }, now)).toBe(`b/1 (${text})`)
  })

  test("docs/troubleshooting.md says what to do about each", async () => {
    const page = await Bun.file(new URL("../../../docs/troubleshooting.md", import.meta.url)).text()
    const [, table = ""] = /\n\| reason .*\n((?:\|.*\n)+)/.exec(page) ?? []
    const named = table
      .split("\n")
      .flatMap((row) => (row.split("|")[1] ?? "").split(/;|,|…|\bor\b/))
      .map((words) => words.replace(/^:/, "").trim())
      .filter((words) => /\w/.test(words))
    expect(
      rows.map(([, text]) => text).filter((text) => !named.some((words) => text.includes(words))),
    ).toEqual([])
  })
})
