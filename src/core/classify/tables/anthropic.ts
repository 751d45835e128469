import type { Table } from "../rule.ts"

export const anthropic: Table = {
  family: "anthropic",
  providers: /anthropic|claude/,
  // Limits belong to the organisation and the account.
  scopes: { rate_limit: "provider" },
  longWaitIsQuota: true,
  shared: [
    // https://docs.anthropic.com/en/api/errors
    { hint: ["permission_error"], kind: "auth" },
    { hint: ["not_found_error"], kind: "model_not_found" },
    { vague: ["invalid_request_error"], kind: "bad_request" },
    // https://learn.microsoft.com/en-us/microsoft-cloud/dev/dev-proxy/concepts/anthropic-529-overloaded-error
    {
      proof: ["enforced_spend_limit_reached", "spend_limit_reached", "spend_limit_exceeded"],
      kind: "quota",
    },
    // https://github.com/anthropics/claude-code/issues
    {
      phrases: ["extra usage is required for long context", "usage credits are required for"],
      kind: "quota",
      scope: "model",
    },
    { phrases: ["usage blocked until"], kind: "quota" },
    { phrases: ["hit your limit"], kind: "quota" },
    {
      phrases: ["disabled claude subscription access", "is not allowed for this account"],
      kind: "auth",
    },
  ],
}
