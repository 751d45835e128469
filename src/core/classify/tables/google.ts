import type { Table } from "../rule.ts"

/** A daily allowance, named so by the metric's id (`GenerateRequestsPerDayPerProjectPerModel`) or its text. */
const perDay = /per_?day|perday|per day/

/** Gemini API, Vertex AI, Cloud Code (Gemini CLI, Antigravity). Its limits are per model, also the long ones. */
export const google: Table = {
  family: "google",
  providers: /google|gemini|vertex|antigravity/,
  scopes: { quota: "model" },
  own: [
    {
      source: "https://github.com/google-gemini/gemini-cli googleQuotaErrors.test.ts",
      phrases: [
        { phrases: ["exceeded your current quota", "quota exceeded"], pattern: perDay, kind: "quota" },
        { phrases: ["exceeded your current quota"], pattern: /limit: 0\b/, kind: "quota" },
        { phrases: ["exceeded your current quota", "quota exceeded for"], kind: "rate_limit" },
      ],
    },
    {
      source: "https://cloud.google.com/apis/design/errors",
      codes: [{ codes: ["resource_exhausted", "resourceexhausted"], strength: "hint", kind: "rate_limit" }],
    },
  ],
  shared: [
    {
      source: "Google's answers relayed by LiteLLM, OpenRouter and their kin",
      phrases: [
        { phrases: ["googleapis.com", "ai.google.dev"], pattern: perDay, kind: "quota", scope: "model" },
        {
          phrases: ["googleapis.com", "ai.google.dev"],
          pattern: /\bquota exceeded\b|\bexceeded your current quota\b/,
          kind: "rate_limit",
          scope: "model",
        },
        { phrases: ["resource has been exhausted"], kind: "rate_limit", scope: "model" },
      ],
    },
    {
      source: "https://github.com/google-gemini/gemini-cli googleQuotaErrors.ts",
      codes: [
        { codes: ["model_capacity_exhausted"], strength: "proof", kind: "overloaded" },
        { codes: ["quota_exhausted"], strength: "proof", kind: "quota" },
        { codes: ["insufficient_g1_credits_balance"], strength: "proof", kind: "billing" },
      ],
      phrases: [{ phrases: ["exhausted your capacity on this model"], kind: "quota", scope: "model" }],
    },
    {
      source:
        "https://ai.google.dev/gemini-api/docs/troubleshooting and https://cloud.google.com/apis/design/errors",
      codes: [
        {
          codes: ["api_key_invalid", "consumer_invalid", "service_disabled"],
          strength: "proof",
          kind: "auth",
        },
        { codes: ["malformed_response"], strength: "proof", kind: "unavailable" },
        { codes: ["billing_disabled"], strength: "proof", kind: "billing" },
        { codes: ["prohibited_content", "blocklist", "spii"], strength: "proof", kind: "content_filter" },
        { codes: ["permission_denied"], strength: "hint", kind: "auth" },
        { codes: ["not_found"], strength: "hint", kind: "model_not_found" },
        { codes: ["deadline_exceeded"], strength: "hint", kind: "timeout" },
        { codes: ["resource_exhausted"], strength: "vague", kind: "rate_limit" },
        { codes: ["internal"], strength: "vague", kind: "unavailable" },
        {
          codes: ["invalid_argument", "failed_precondition", "out_of_range"],
          strength: "vague",
          kind: "bad_request",
        },
      ],
      phrases: [
        { phrases: ["unregistered callers"], kind: "auth" },
        { phrases: ["has not been used in project"], pattern: /is disabled/, kind: "auth" },
        {
          phrases: ["is not found for api version"],
          kind: "model_not_found",
        },
      ],
    },
  ],
}
