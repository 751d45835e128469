import type { PhraseRow, Table } from "../rule.ts"

/** A daily allowance, named so by the metric's id (`GenerateRequestsPerDayPerProjectPerModel`) or its text, or none at all. */
const lasting: PhraseRow = {
  phrases: ["exceeded your current quota", "quota exceeded for"],
  pattern: /per_?day|\b(?:metric|current quota)\b.{1,300} per day|limit: 0\b/,
  kind: "quota",
  scope: "model",
}

/** Gemini API, Vertex AI, Cloud Code (Gemini CLI, Antigravity). Its limits are per model, also the long ones. */
export const google: Table = {
  family: "google",
  providers: /google|gemini|vertex|antigravity/,
  scopes: { quota: "model" },
  own: [
    // https://github.com/google-gemini/gemini-cli googleQuotaErrors.test.ts
    lasting,
    { phrases: ["exceeded your current quota", "quota exceeded for"], kind: "rate_limit" },
    // https://cloud.google.com/apis/design/errors
    { hint: ["resource_exhausted"], kind: "rate_limit" },
  ],
  shared: [
    // Google's answers relayed by LiteLLM, OpenRouter and their kin
    lasting,
    {
      phrases: ["googleapis.com", "ai.google.dev"],
      pattern: /\bquota exceeded\b|\bexceeded your current quota\b/,
      kind: "rate_limit",
      scope: "model",
    },
    { phrases: ["resource has been exhausted"], kind: "rate_limit", scope: "model" },
    // https://github.com/google-gemini/gemini-cli googleQuotaErrors.ts
    { phrases: ["exhausted your capacity on this model"], kind: "quota", scope: "model" },
    // https://ai.google.dev/gemini-api/docs/troubleshooting and https://cloud.google.com/apis/design/errors
    { proof: ["consumer_invalid", "service_disabled"], kind: "auth" },
    { proof: ["malformed_response"], kind: "unavailable" },
    { proof: ["billing_disabled"], kind: "billing" },
    { proof: ["blocklist", "spii"], kind: "content_filter" },
    { hint: ["not_found"], kind: "model_not_found" },
    { hint: ["deadline_exceeded"], kind: "timeout" },
    { hint: ["aborted"], kind: "unavailable" },
    { vague: ["resource_exhausted"], kind: "rate_limit" },
    { vague: ["internal"], kind: "unavailable" },
    { vague: ["invalid_argument", "failed_precondition", "out_of_range"], kind: "bad_request" },
    { phrases: ["unregistered callers", "unable to detect a project id"], kind: "auth" },
    { phrases: ["has not been used in project"], pattern: /is disabled/, kind: "auth" },
    { phrases: ["is not found for api version"], kind: "model_not_found" },
  ],
}
