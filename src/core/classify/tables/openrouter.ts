import type { Table } from "../rule.ts"

/** A router: a refusal that comes from the provider behind it says nothing about the user's own key. */
export const openrouter: Table = {
  family: "openrouter",
  providers: /openrouter|kilo/,
  own: [
    {
      source: "https://openrouter.ai/docs/api/reference/errors-and-debugging",
      // OpenRouter's words for a model that did not answer; elsewhere they mean the connection.
      phrases: [{ phrases: ["your request timed out"], kind: "timeout" }],
    },
  ],
  shared: [
    {
      source: "https://openrouter.ai/docs/api/reference/errors-and-debugging and issues of its users",
      codes: [
        { codes: ["provider_overloaded"], strength: "hint", kind: "overloaded" },
        { codes: ["provider_unavailable", "provider_error"], strength: "hint", kind: "unavailable" },
      ],
      phrases: [
        { phrases: ["free-models-per-day"], kind: "quota" },
        { phrases: ["free-models-per-min"], kind: "rate_limit", scope: "provider" },
        {
          phrases: ["prompt tokens limit exceeded", "requires more credits", "never purchased credits"],
          kind: "billing",
        },
        { phrases: ["key limit exceeded", "create a key with a higher"], kind: "billing" },
        { phrases: ["requires moderation", "your input was flagged"], kind: "content_filter" },
        {
          phrases: [
            "no endpoints found",
            "no endpoints available",
            "no allowed providers are available",
            "is not a valid model id",
            "no models provided",
          ],
          kind: "model_not_found",
        },
        { phrases: ["no auth credentials found", "no cookie auth credentials found"], kind: "auth" },
        { phrases: ["temporarily rate-limited upstream"], kind: "rate_limit", scope: "model" },
        { phrases: ["chosen model is down", "no available model provider"], kind: "unavailable" },
        { phrases: ["upstream idle timeout exceeded"], kind: "timeout" },
      ],
    },
  ],
}
