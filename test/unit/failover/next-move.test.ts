import { describe, expect, test } from "bun:test"
import type { SkipReason } from "../../../src/core/skip-reason.ts"
import { leavingFor } from "../../../src/failover/next-move.ts"
import type { Leaving } from "../../../src/turn/transitions.ts"

describe("a model that is left without being asked: what the turn remembers of it", () => {
  const rows: readonly (readonly [SkipReason, Leaving])[] = [
    [{ why: "held" }, {}],
    [{ why: "being-probed", until: 7 }, {}],
    [
      { why: "cooling-down", kind: "overloaded", until: 7 },
      { kind: "overloaded", retryAt: 7 },
    ],
    [
      { why: "provider-tripped", provider: "a", kind: "auth", until: 7 },
      { kind: "auth", retryAt: 7 },
    ],
    [{ why: "tried", kind: "network" }, { kind: "network" }],
    [
      { why: "near-limit", provider: "a", limit: "5 h window 90 % used", until: 7 },
      { limit: "5 h window 90 % used", retryAt: 7 },
    ],
  ]
  test.each(rows)("%o", (reason, leaving) => {
    expect(leavingFor(reason)).toStrictEqual(leaving)
  })
})
