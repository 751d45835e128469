import type { Table } from "../rule.ts"

/** A proxy in front of many providers: its allowances are set per model. */
export const litellm: Table = {
  family: "litellm",
  providers: /litellm/,
  scopes: { quota: "model" },
  shared: [
    // https://docs.litellm.ai/docs/exception_mapping
    { proof: ["litellm.contextwindowexceedederror"], kind: "context_overflow" },
    { proof: ["litellm.contentpolicyviolationerror"], kind: "content_filter" },
    { proof: ["litellm.budgetexceedederror"], kind: "billing" },
    { hint: ["litellm.authenticationerror", "litellm.permissiondeniederror"], kind: "auth" },
    { hint: ["litellm.notfounderror"], kind: "model_not_found" },
    { hint: ["litellm.timeout", "litellm.timeouterror"], kind: "timeout" },
    {
      hint: ["litellm.internalservererror", "litellm.serviceunavailableerror", "litellm.apiconnectionerror"],
      kind: "unavailable",
    },
    { vague: ["litellm.badrequesterror"], kind: "bad_request" },
    { proof: ["terminal_quota_exhausted"], kind: "quota", scope: "model" },
    { phrases: ["llm provider not provided", "you passed in model="], kind: "model_not_found" },
  ],
}

export const vercel: Table = {
  family: "vercel",
  providers: /vercel|^gateway/,
  shared: [
    // https://vercel.com/docs/ai-gateway
    { proof: ["customer_verification_required"], kind: "billing" },
    { hint: ["gatewayratelimiterror"], kind: "rate_limit" },
    { phrases: ["free credits temporarily have restricted"], kind: "billing" },
  ],
}

/** Routers that people run themselves (one-api and its kin, OmniRoute, CLIProxyAPI) and web servers. */
export const gateways: Table = {
  family: "gateway",
  shared: [
    // https://github.com/songquanpeng/one-api, https://github.com/diegosouzapw/OmniRoute/issues/9731
    { proof: ["insufficient_user_quota", "pre_consume_token_quota_failed"], kind: "billing" },
    { proof: ["safety_check_failed"], kind: "content_filter" },
    { phrases: ["open webui: server connection error"], kind: "unavailable" },
    { hint: ["no_available_channel"], kind: "model_not_found" },
    { hint: ["quota_exceeded", "quote_exceeded"], kind: "quota" },
    {
      hint: [
        "bad_gateway",
        "do_request_failed",
        "upstream_unavailable",
        "no_provider_available",
        "no_providers_available",
      ],
      kind: "unavailable",
    },
    { vague: ["bad_request"], kind: "bad_request" },
    // One that is paused, spent or expired; of others an outage says the same.
    { pattern: /^this token status is unavailable/m, kind: "auth" },
    { phrases: ["用户剩余额度", "quota is not enough"], kind: "billing" },
    { phrases: ["upstream channel failed", "no keys found"], kind: "unavailable", scope: "provider" },
    { phrases: ["no available channel", "无可用渠道"], kind: "model_not_found" },
    {
      pattern: /\bprovider \S{1,60} is in cooldown\b/,
      kind: "rate_limit",
      scope: "provider",
    },
    { phrases: ["upstream connect error"], kind: "unavailable", scope: "provider" },
  ],
}
