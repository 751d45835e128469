import type { Table } from "../rule.ts"

export const openai: Table = {
  family: "openai",
  providers: /^openai$/,
  transport: [
    // https://github.com/openai/codex/issues/41895
    // Codex calls it a disconnected stream, yet the server says that it failed.
    { phrases: ["an error occurred while processing your request"], kind: "unavailable" },
  ],
  shared: [
    // https://developers.openai.com/api/docs/guides/error-codes
    { proof: ["insufficient_quota", "quota_exhausted_error"], kind: "billing" },
    {
      proof: [
        "invalid_api_key",
        "invalid_organization",
        "mismatched_organization",
        "mismatched_project",
        "missing_scope",
        "refresh_token_reused",
        "invalid_grant",
      ],
      kind: "auth",
    },
    { proof: ["max_tokens_exceeded", "string_above_max_length"], kind: "context_overflow" },
    { proof: ["cyber_policy"], kind: "content_filter" },
    { proof: ["slow_down"], kind: "overloaded" },
    { hint: ["requests", "tokens"], kind: "rate_limit" },
    { hint: ["service_unavailable_error", "service_unavailable"], kind: "unavailable" },
    { vague: ["server_error"], kind: "unavailable" },
    {
      hint: ["invalid_prompt", "previous_response_not_found", "invalid_encrypted_content", "tool_use_failed"],
      kind: "bad_request",
    },
    // https://github.com/continuedev/continue/issues/9563 and the OpenAI community forum
    { phrases: ["concurrency limit exceeded for user"], kind: "rate_limit", scope: "provider" },
    { phrases: ["must be a member of an organization"], kind: "auth" },
    {
      phrases: ["cannot assist with that request"],
      kind: "content_filter",
    },
    { phrases: ["billing hard limit has been reached", "account is not active"], kind: "billing" },
    {
      phrases: [
        "organization must be verified",
        "must verify your organization",
        "organization must qualify",
      ],
      kind: "auth",
      scope: "model",
    },
    { phrases: ["contains a special token", "disallowed special token"], kind: "bad_request" },
    { phrases: ["exist or you may not have access"], kind: "model_not_found" },
  ],
}

/** The ChatGPT login. OpenCode gives it the id `openai`, proxies call it `openai-codex`: its words are shared. */
export const codex: Table = {
  family: "codex",
  providers: /codex|chatgpt/,
  scopes: { rate_limit: "provider" },
  longWaitIsQuota: true,
  shared: [
    // https://github.com/openai/codex (codex-rs/codex-api) and issues 14326, 17642, 37934
    { hint: ["usage_limit_reached"], kind: "quota" },
    { proof: ["usage_not_included"], kind: "billing" },
    { proof: ["connector_rate_limit"], kind: "rate_limit", scope: "provider" },
    { proof: ["websocket_connection_limit_reached"], kind: "unavailable" },
  ],
}

export const azure: Table = {
  family: "azure",
  providers: /azure/,
  shared: [
    // https://learn.microsoft.com/azure/ai-foundry/openai/reference
    { proof: ["invaliddeployment", "operationnotsupported"], kind: "model_not_found" },
    { phrases: ["invalid subscription key"], kind: "auth" },
  ],
}
