import type { Table } from "../rule.ts"

export const anthropic: Table = {
  family: "anthropic",
  providers: /anthropic|claude/,
  // Limits belong to the organisation and the account.
  scopes: { rate_limit: "provider" },
  longWaitIsQuota: true,
  shared: [
    {
      source: "https://docs.anthropic.com/en/api/errors",
      codes: [
        { codes: ["authentication_error"], strength: "hint", kind: "auth" },
        { codes: ["permission_error"], strength: "hint", kind: "auth" },
        { codes: ["billing_error"], strength: "proof", kind: "billing" },
        { codes: ["not_found_error"], strength: "hint", kind: "model_not_found" },
        { codes: ["rate_limit_error"], strength: "hint", kind: "rate_limit" },
        { codes: ["overloaded_error"], strength: "hint", kind: "overloaded" },
        { codes: ["api_error"], strength: "vague", kind: "unavailable" },
        { codes: ["invalid_request_error"], strength: "vague", kind: "bad_request" },
        { codes: ["model_context_window_exceeded"], strength: "proof", kind: "context_overflow" },
      ],
    },
    {
      source:
        "https://learn.microsoft.com/en-us/microsoft-cloud/dev/dev-proxy/concepts/anthropic-529-overloaded-error",
      codes: [
        {
          codes: ["enforced_spend_limit_reached", "spend_limit_reached", "spend_limit_exceeded"],
          strength: "proof",
          kind: "quota",
        },
      ],
    },
    {
      source: "https://github.com/anthropics/claude-code/issues",
      phrases: [
        {
          phrases: ["extra usage is required for long context", "usage credits are required for"],
          kind: "quota",
          scope: "model",
        },
        {
          phrases: ["usage blocked until"],
          kind: "quota",
        },
        { phrases: ["hit your limit"], kind: "quota" },
        {
          phrases: [
            "only authorized for use with claude code",
            "disabled claude subscription access",
            "is not allowed for this account",
          ],
          kind: "auth",
        },
      ],
    },
  ],
}
