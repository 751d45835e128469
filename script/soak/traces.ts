import type { RecordedRequest } from "../../test/simulator/index.ts"

const ourKeys: ReadonlySet<string> = new Set(["fallback_models", "category", "runtime_fallback"])

/** What a provider must never see of us: our marker and our settings. */
export function tracesOf(request: RecordedRequest): readonly string[] {
  return [...Object.keys(request.headers), ...Object.keys(request.body)]
    .filter((name) => name.includes("understudy") || ourKeys.has(name))
    .map((name) => `${request.model} was sent ${name}`)
}
