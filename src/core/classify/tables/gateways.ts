import type { Table } from "../rule.ts"

/** A proxy in front of many providers: its allowances are set per model. */
export const litellm: Table = {
  family: "litellm",
  providers: /litellm/,
  scopes: { quota: "model" },
  shared: [
    {
      source: "https://docs.litellm.ai/docs/exception_mapping",
      codes: [
        {
          codes: ["litellm.contextwindowexceedederror", "contextwindowexceedederror"],
          strength: "proof",
          kind: "context_overflow",
        },
        {
          codes: ["litellm.contentpolicyviolationerror", "contentpolicyviolationerror"],
          strength: "proof",
          kind: "content_filter",
        },
        {
          codes: ["litellm.budgetexceedederror", "budgetexceedederror", "budget_exceeded"],
          strength: "proof",
          kind: "billing",
        },
        {
          codes: ["litellm.authenticationerror", "litellm.permissiondeniederror"],
          strength: "hint",
          kind: "auth",
        },
        { codes: ["litellm.notfounderror"], strength: "hint", kind: "model_not_found" },
        { codes: ["litellm.timeout", "litellm.timeouterror"], strength: "hint", kind: "timeout" },
        {
          codes: [
            "litellm.serviceunavailableerror",
            "litellm.internalservererror",
            "litellm.apiconnectionerror",
          ],
          strength: "hint",
          kind: "unavailable",
        },
        { codes: ["litellm.badrequesterror"], strength: "vague", kind: "bad_request" },
        { codes: ["terminal_quota_exhausted"], strength: "proof", kind: "quota", scope: "model" },
        {
          codes: ["key_model_access_denied", "team_model_access_denied"],
          strength: "proof",
          kind: "model_not_found",
        },
      ],
      phrases: [
        {
          phrases: ["llm provider not provided", "you passed in model="],
          kind: "model_not_found",
        },
      ],
    },
  ],
}

export const vercel: Table = {
  family: "vercel",
  providers: /vercel|^gateway/,
  shared: [
    {
      source: "https://vercel.com/docs/ai-gateway",
      codes: [
        {
          codes: ["customer_verification_required"],
          strength: "proof",
          kind: "billing",
        },
        { codes: ["no_providers_available"], strength: "hint", kind: "unavailable" },
        { codes: ["gatewayauthenticationerror"], strength: "proof", kind: "auth" },
        { codes: ["gatewaymodelnotfounderror"], strength: "proof", kind: "model_not_found" },
        { codes: ["gatewayratelimiterror"], strength: "hint", kind: "rate_limit" },
        {
          codes: ["gatewayinternalservererror", "gatewayresponseerror"],
          strength: "vague",
          kind: "unavailable",
        },
      ],
      phrases: [
        {
          phrases: ["free credits temporarily have restricted"],
          kind: "billing",
        },
      ],
    },
  ],
}

/** Routers that people run themselves (one-api and its kin, OmniRoute, CLIProxyAPI) and web servers. */
export const gateways: Table = {
  family: "gateway",
  shared: [
    {
      source:
        "https://github.com/songquanpeng/one-api, https://github.com/diegosouzapw/OmniRoute/issues/9731",
      codes: [
        {
          codes: ["insufficient_user_quota", "pre_consume_token_quota_failed"],
          strength: "proof",
          kind: "billing",
        },
        {
          codes: ["insufficient_credits", "insufficient_credit", "insufficient_balance"],
          strength: "proof",
          kind: "billing",
        },
        { codes: ["safety_check_failed"], strength: "proof", kind: "content_filter" },
        { codes: ["no_available_channel"], strength: "hint", kind: "model_not_found" },
        { codes: ["too_many_requests"], strength: "hint", kind: "rate_limit" },
        { codes: ["quota_exceeded", "quote_exceeded"], strength: "hint", kind: "quota" },
        {
          codes: ["bad_gateway", "upstream_unavailable", "no_provider_available"],
          strength: "hint",
          kind: "unavailable",
        },
        { codes: ["request_timeout"], strength: "hint", kind: "timeout" },
        { codes: ["access_denied"], strength: "hint", kind: "auth" },
        { codes: ["bad_request", "invalid_params"], strength: "vague", kind: "bad_request" },
      ],
      phrases: [
        { phrases: ["用户剩余额度", "quota is not enough"], kind: "billing" },
        {
          phrases: ["upstream channel failed", "no keys found"],
          kind: "unavailable",
          scope: "provider",
        },
        { phrases: ["no available channel", "无可用渠道"], kind: "model_not_found" },
        {
          phrases: ["provider"],
          pattern: /\bprovider \S{1,60} is in cooldown\b/,
          kind: "rate_limit",
          scope: "provider",
        },
        { phrases: ["upstream connect error"], kind: "unavailable", scope: "provider" },
      ],
    },
  ],
}
