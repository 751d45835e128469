import type { Table } from "../rule.ts"

export const groq: Table = {
  family: "groq",
  providers: /groq/,
  own: [
    {
      source: "https://console.groq.com/docs/errors",
      // 413 is the per-minute limit for one request, not the model's window.
      statuses: [
        { statuses: [413], kind: "rate_limit" },
        { statuses: [498], kind: "overloaded" },
      ],
    },
  ],
  shared: [
    {
      source: "https://console.groq.com/docs/errors",
      codes: [
        {
          codes: ["model_decommissioned", "model_terms_required", "model_permission_blocked_org"],
          strength: "proof",
          kind: "model_not_found",
        },
        { codes: ["json_validate_failed"], strength: "hint", kind: "bad_request" },
      ],
      phrases: [
        { phrases: ["request too large"], pattern: /limit \d{1,9}, requested \d/, kind: "rate_limit" },
      ],
    },
  ],
}

export const mistral: Table = {
  family: "mistral",
  providers: /mistral|codestral/,
  own: [
    {
      source: "https://docs.mistral.ai/resources/error-glossary",
      codes: [
        { codes: ["1300"], strength: "hint", kind: "rate_limit" },
        { codes: ["3505"], strength: "proof", kind: "overloaded" },
        { codes: ["1500"], strength: "hint", kind: "model_not_found" },
        { codes: ["1000", "3000"], strength: "vague", kind: "unavailable" },
      ],
    },
  ],
  shared: [
    {
      source: "https://docs.mistral.ai/resources/error-glossary",
      codes: [
        { codes: ["service_tier_capacity_exceeded"], strength: "proof", kind: "overloaded" },
        { codes: ["invalid_request_message_order"], strength: "proof", kind: "bad_request" },
      ],
    },
  ],
}

export const deepseek: Table = {
  family: "deepseek",
  providers: /deepseek/,
  // One service behind all its models, limits per account: its errors and limits are the provider's.
  scopes: { unavailable: "provider", rate_limit: "provider" },
  shared: [
    {
      source: "https://api-docs.deepseek.com/quick_start/error_codes.md and its finish reasons",
      codes: [{ codes: ["insufficient_system_resource"], strength: "hint", kind: "overloaded" }],
    },
  ],
}

export const cerebras: Table = {
  family: "cerebras",
  providers: /cerebras/,
  shared: [
    {
      source: "https://inference-docs.cerebras.ai/support/error",
      codes: [
        {
          codes: ["request_quota_exceeded", "token_quota_exceeded"],
          strength: "hint",
          kind: "rate_limit",
        },
      ],
    },
  ],
}

export const together: Table = {
  family: "together",
  providers: /together/,
  own: [
    {
      source: "https://docs.together.ai/docs/error-codes",
      phrases: [{ phrases: ["input token count + max_tokens"], kind: "context_overflow" }],
    },
  ],
  shared: [
    {
      source: "https://docs.together.ai/docs/error-codes",
      codes: [
        { codes: ["dynamic_request_limited", "dynamic_token_limited"], strength: "hint", kind: "rate_limit" },
      ],
      phrases: [{ phrases: ["unable to access non-serverless model"], kind: "model_not_found" }],
    },
  ],
}

export const fireworks: Table = {
  family: "fireworks",
  providers: /fireworks/,
  own: [
    {
      source: "https://docs.fireworks.ai/guides/inference-error-codes.md",
      // Fireworks suspends an account whose payment failed or whose spending limit is reached.
      phrases: [{ phrases: ["account is suspended", "account suspended"], kind: "billing" }],
      statuses: [{ statuses: [412], kind: "billing" }],
    },
  ],
  shared: [
    {
      source: "https://docs.fireworks.ai/guides/inference-error-codes.md",
      phrases: [{ phrases: ["deployment is scaling"], kind: "overloaded" }],
    },
  ],
}

export const nvidia: Table = {
  family: "nvidia",
  providers: /nvidia|(?:^|-)nim(?:$|-)/,
  shared: [
    {
      source: "https://github.com/anomalyco/opencode/issues/35265",
      codes: [{ codes: ["resourceexhausted"], strength: "hint", kind: "overloaded" }],
      phrases: [
        // The hosted model is down, although the status says 400.
        { phrases: ["degraded function cannot be invoked"], kind: "unavailable" },
      ],
    },
  ],
}

/** Cloudflare in front of a provider, and its own Workers AI. */
export const cloudflare: Table = {
  family: "cloudflare",
  providers: /cloudflare|workers-ai/,
  own: [
    {
      source: "https://developers.cloudflare.com/workers-ai/platform/errors/",
      codes: [
        { codes: ["3036", "4006"], strength: "proof", kind: "quota" },
        { codes: ["3040"], strength: "proof", kind: "overloaded" },
        { codes: ["3007", "3046"], strength: "proof", kind: "timeout" },
        { codes: ["5007", "7000", "7003", "3042", "2008"], strength: "proof", kind: "model_not_found" },
        {
          codes: ["3023", "3041", "5016", "5018", "10000", "9106", "9109", "2009"],
          strength: "proof",
          kind: "auth",
        },
        { codes: ["3006"], strength: "proof", kind: "context_overflow" },
      ],
    },
  ],
  shared: [
    {
      source: "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/",
      phrases: [
        { phrases: ["error code: 1015", "error 1015"], kind: "rate_limit", scope: "provider" },
        { phrases: ["error code: 1020", "error code: 1010"], kind: "auth" },
        {
          phrases: ["invalid or incomplete response to cloudflare"],
          kind: "unavailable",
          scope: "provider",
        },
        {
          phrases: ["web server is down", "web server is returning an unknown error"],
          kind: "unavailable",
          scope: "provider",
        },
      ],
    },
  ],
}
