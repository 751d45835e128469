import type { Table } from "../rule.ts"

export const groq: Table = {
  family: "groq",
  providers: /groq/,
  own: [
    // https://console.groq.com/docs/errors
    // 413 is the per-minute limit for one request, not the model's window.
    { statuses: [413], kind: "rate_limit" },
    { statuses: [498], kind: "overloaded" },
  ],
  shared: [
    // https://console.groq.com/docs/errors
    { proof: ["model_terms_required", "model_permission_blocked_org"], kind: "model_not_found" },
    { hint: ["json_validate_failed"], kind: "bad_request" },
    { phrases: ["request too large"], pattern: /limit \d{1,9}, requested \d/, kind: "rate_limit" },
  ],
}

export const mistral: Table = {
  family: "mistral",
  providers: /mistral|codestral/,
  own: [
    // https://docs.mistral.ai/resources/error-glossary
    { hint: ["1300"], kind: "rate_limit" },
    { proof: ["3505"], kind: "overloaded" },
    { hint: ["1500"], kind: "model_not_found" },
    { vague: ["1000", "3000"], kind: "unavailable" },
  ],
  shared: [
    // https://docs.mistral.ai/resources/error-glossary
    { proof: ["invalid_request_message_order"], kind: "bad_request" },
  ],
}

export const deepseek: Table = {
  family: "deepseek",
  providers: /deepseek/,
  // One service behind all its models, limits per account: its errors and limits are the provider's.
  scopes: { unavailable: "provider", rate_limit: "provider" },
  shared: [
    // https://api-docs.deepseek.com/quick_start/error_codes.md and its finish reasons
    { hint: ["insufficient_system_resource"], kind: "overloaded" },
  ],
}

export const cerebras: Table = {
  family: "cerebras",
  providers: /cerebras/,
  shared: [
    // https://inference-docs.cerebras.ai/support/error
    { hint: ["request_quota_exceeded", "token_quota_exceeded"], kind: "rate_limit" },
  ],
}

export const together: Table = {
  family: "together",
  providers: /together/,
  shared: [
    // Neuralwatt
    { proof: ["concurrent_budget_exceeded"], kind: "rate_limit" },
    // https://docs.together.ai/docs/error-codes
    { hint: ["dynamic_request_limited", "dynamic_token_limited"], kind: "rate_limit" },
    { phrases: ["unable to access non-serverless model"], kind: "model_not_found" },
  ],
}

export const fireworks: Table = {
  family: "fireworks",
  providers: /fireworks/,
  own: [
    // https://docs.fireworks.ai/guides/inference-error-codes.md
    { statuses: [412], kind: "billing" },
    // Fireworks suspends an account whose payment failed or whose spending limit is reached.
    { phrases: ["account is suspended", "account suspended"], kind: "billing" },
  ],
  shared: [
    // https://docs.fireworks.ai/guides/inference-error-codes.md
    { phrases: ["deployment is scaling"], kind: "overloaded" },
  ],
}

export const nvidia: Table = {
  family: "nvidia",
  providers: /nvidia|(?:^|-)nim(?:$|-)/,
  shared: [
    // https://github.com/anomalyco/opencode/issues/35265
    { hint: ["resourceexhausted"], kind: "overloaded" },
    // The hosted model is down, although the status says 400.
    { phrases: ["degraded function cannot be invoked"], kind: "unavailable" },
  ],
}

/** Cloudflare in front of a provider, and its own Workers AI. */
export const cloudflare: Table = {
  family: "cloudflare",
  providers: /cloudflare|workers-ai/,
  own: [
    // https://developers.cloudflare.com/workers-ai/platform/errors/
    { proof: ["3036", "4006"], kind: "quota" },
    { proof: ["3040"], kind: "overloaded" },
    { proof: ["3007", "3046"], kind: "timeout" },
    { proof: ["5007", "7000", "7003", "3042", "2008"], kind: "model_not_found" },
    { proof: ["3023", "3041", "10000", "9106", "9109", "2009"], kind: "auth" },
    { proof: ["5016", "5018"], kind: "auth", scope: "model" },
    { proof: ["3006"], kind: "context_overflow" },
  ],
  shared: [
    // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/
    { phrases: ["error code: 1015", "error 1015"], kind: "rate_limit", scope: "provider" },
    { phrases: ["error code: 1020", "error code: 1010"], kind: "auth" },
    { phrases: ["invalid or incomplete response to cloudflare"], kind: "unavailable", scope: "provider" },
    {
      phrases: ["web server is down", "web server is returning an unknown error", "worker threw exception"],
      kind: "unavailable",
      scope: "provider",
    },
  ],
}
