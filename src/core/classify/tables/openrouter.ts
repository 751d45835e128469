import type { Table } from "../rule.ts"

/** A router: a refusal that comes from the provider behind it says nothing about the user's own key. */
export const openrouter: Table = {
  family: "openrouter",
  providers: /openrouter|kilo/,
  shared: [
    // https://openrouter.ai/docs/api/reference/errors-and-debugging and issues of its users
    { hint: ["provider_unavailable", "provider_error"], kind: "unavailable" },
    { phrases: ["free-models-per-day"], kind: "quota" },
    { phrases: ["free-models-per-min"], kind: "rate_limit", scope: "provider" },
    { phrases: ["create a key with a higher"], kind: "billing" },
    {
      phrases: [
        "no endpoints found",
        "no endpoints available",
        "no allowed providers are available",
        "no models provided",
      ],
      kind: "model_not_found",
    },
    { phrases: ["chosen model is down"], kind: "unavailable" },
  ],
}
