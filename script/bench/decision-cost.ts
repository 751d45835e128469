import type { CatalogModel } from "../../src/core/catalog.ts"
import type { CircuitKey, CircuitRecord } from "../../src/core/circuit.ts"
import { classify } from "../../src/core/classify/classify.ts"
import type { ModelKey } from "../../src/core/model-ref.ts"
import { select } from "../../src/core/select.ts"
import type { Failure } from "../../src/core/verdict.ts"
import { nanosecondsPerCall } from "./timing.ts"

export type DecisionCost = {
  /** Nanoseconds. */
  readonly shortVerdict: number
  /** Nanoseconds. Prose without anything that is known, so that every table is walked to its end. */
  readonly longVerdict: number
  /** Nanoseconds, for a chain of ten of which the last can take the turn. */
  readonly selection: number
}

const modelsOnRecord = 1_000
const longBodyBytes = 64 * 1024

export function measureDecision(pace: "full" | "quick"): DecisionCost {
  const now = Date.now()
  const short: Failure = {
    provider: "anthropic",
    status: 429,
    headers: { "retry-after": "30" },
    body: '{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your rate limit."}}',
  }
  const long: Failure = { provider: "anthropic", status: 500, body: prose(longBodyBytes) }
  const chain = selection(now)
  return {
    shortVerdict: nanosecondsPerCall(() => classify(short, now), pace),
    longVerdict: nanosecondsPerCall(() => classify(long, now), pace),
    selection: nanosecondsPerCall(() => select(chain), pace),
  }
}

function prose(bytes: number): string {
  const sentence = "The gateway could not make sense of what came back from upstream, item 34026 of 1429. "
  return sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes)
}

/** Every model on record has failed and cools down, but for the last of the chain. */
function selection(now: number): Parameters<typeof select>[0] {
  const keys = Array.from(
    { length: modelsOnRecord },
    (_, index): ModelKey => `provider-${index % 20}/model-${index}`,
  )
  const able: CatalogModel = { images: true, pdf: true, toolCalls: true, contextTokens: 200_000 }
  const open = (key: CircuitKey): CircuitRecord => ({
    key,
    failures: 1,
    kind: "rate_limit",
    failedAt: now,
    until: now + 60_000,
  })
  const circuits = new Map(
    keys.slice(0, -1).map((key) => [`model:${key}` as CircuitKey, open(`model:${key}`)]),
  )
  return {
    candidates: keys.slice(-10).map((model) => ({ model })),
    tried: [{ model: "provider-0/primary", kind: "rate_limit" }],
    circuit: (key) => circuits.get(key),
    catalog: {
      known: true,
      providers: new Set(keys.map((key) => key.split("/")[0] ?? "")),
      models: new Map(keys.map((key) => [key, able])),
    },
    needs: { images: false, pdf: false, tools: true, contextTokens: 20_000 },
    forbidden: () => undefined,
    now,
  }
}
