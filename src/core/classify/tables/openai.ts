import type { Knowledge, Table } from "../rule.ts"

const errorCodes: Knowledge = {
  source: "https://developers.openai.com/api/docs/guides/error-codes",
  codes: [
    {
      codes: [
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "quota_exhausted_error",
      ],
      strength: "proof",
      kind: "billing",
    },
    {
      codes: [
        "invalid_api_key",
        "invalid_organization",
        "mismatched_organization",
        "mismatched_project",
        "missing_scope",
        "refresh_token_reused",
        "invalid_grant",
      ],
      strength: "proof",
      kind: "auth",
    },
    {
      codes: ["model_not_found", "invalid_model", "unsupported_model", "model_not_supported"],
      strength: "proof",
      kind: "model_not_found",
    },
    {
      codes: [
        "context_length_exceeded",
        "context_window_exceeded",
        "max_tokens_exceeded",
        "string_above_max_length",
      ],
      strength: "proof",
      kind: "context_overflow",
    },
    {
      codes: [
        "content_filter",
        "content_policy_violation",
        "moderation_blocked",
        "image_content_policy_violation",
        "cyber_policy",
      ],
      strength: "proof",
      kind: "content_filter",
    },
    {
      codes: ["server_is_overloaded", "slow_down"],
      strength: "proof",
      kind: "overloaded",
    },
    {
      codes: ["rate_limit_exceeded", "rate_limit_reached", "requests", "tokens"],
      strength: "hint",
      kind: "rate_limit",
    },
    { codes: ["service_unavailable_error", "service_unavailable"], strength: "hint", kind: "unavailable" },
    {
      codes: ["server_error", "internal_server_error"],
      strength: "vague",
      kind: "unavailable",
    },
    {
      codes: [
        "invalid_prompt",
        "previous_response_not_found",
        "invalid_encrypted_content",
        "tool_use_failed",
      ],
      strength: "hint",
      kind: "bad_request",
    },
    {
      codes: ["unsupported_parameter", "unsupported_value", "invalid_value", "missing_required_parameter"],
      strength: "vague",
      kind: "bad_request",
    },
  ],
}

export const openai: Table = {
  family: "openai",
  providers: /^openai$/,
  transport: [
    {
      source: "https://github.com/openai/codex/issues/41895",
      // Codex calls it a disconnected stream, yet the server says that it failed.
      phrases: [
        {
          phrases: ["an error occurred while processing your request"],
          kind: "unavailable",
        },
      ],
    },
  ],
  shared: [
    errorCodes,
    {
      source: "https://github.com/continuedev/continue/issues/9563 and the OpenAI community forum",
      phrases: [
        { phrases: ["concurrency limit exceeded for user"], kind: "rate_limit", scope: "provider" },
        { phrases: ["must be a member of an organization"], kind: "auth" },
        {
          phrases: ["cannot assist with that request", "can't assist with that request"],
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
        {
          phrases: ["exist or you may not have access"],
          kind: "model_not_found",
        },
      ],
    },
  ],
}

/** The ChatGPT login. OpenCode gives it the id `openai`, proxies call it `openai-codex`: its words are shared. */
export const codex: Table = {
  family: "codex",
  providers: /codex|chatgpt/,
  scopes: { rate_limit: "provider" },
  longWaitIsQuota: true,
  shared: [
    {
      source: "https://github.com/openai/codex (codex-rs/codex-api) and issues 14326, 17642, 37934",
      codes: [
        { codes: ["usage_limit_reached", "usage_limit_exceeded"], strength: "hint", kind: "quota" },
        { codes: ["usage_not_included"], strength: "proof", kind: "billing" },
        { codes: ["connector_rate_limit"], strength: "proof", kind: "rate_limit", scope: "provider" },
        { codes: ["websocket_connection_limit_reached"], strength: "proof", kind: "unavailable" },
      ],
    },
  ],
}

export const azure: Table = {
  family: "azure",
  providers: /azure/,
  shared: [
    {
      source: "https://learn.microsoft.com/azure/ai-foundry/openai/reference",
      codes: [
        {
          codes: ["deploymentnotfound", "invaliddeployment", "operationnotsupported"],
          strength: "proof",
          kind: "model_not_found",
        },
        { codes: ["responsibleaipolicyviolation"], strength: "proof", kind: "content_filter" },
        {
          codes: ["toomanyrequests"],
          strength: "hint",
          kind: "rate_limit",
        },
        { codes: ["nocapacity"], strength: "hint", kind: "overloaded" },
        { codes: ["operationtimeout"], strength: "hint", kind: "timeout" },
        { codes: ["permissiondenied", "invalidauthenticationtoken"], strength: "hint", kind: "auth" },
      ],
      phrases: [{ phrases: ["invalid subscription key"], kind: "auth" }],
    },
  ],
}
