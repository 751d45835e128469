import type { Table } from "../rule.ts"

export const copilot: Table = {
  family: "copilot",
  providers: /copilot|github/,
  scopes: { rate_limit: "provider" },
  longWaitIsQuota: true,
  own: [
    {
      source:
        "https://github.com/caozhiyuan/copilot-api/issues/110 (402 quota_exceeded), https://github.com/github/app/issues/298",
      // 402 with this code is an account without an allowance: the status is more precise than the code.
      codes: [{ codes: ["quota_exceeded"], strength: "vague", kind: "quota" }],
      phrases: [{ phrases: ["you have no quota"], kind: "billing" }],
    },
  ],
  shared: [
    {
      source: "https://github.com/github/copilot-cli/issues/2740 and 2742, 2787, 2828",
      codes: [
        {
          codes: [
            "user_weekly_rate_limited",
            "user_global_rate_limited",
            "integration_rate_limited",
            "agent_mode_limit_exceeded",
          ],
          strength: "proof",
          kind: "rate_limit",
          scope: "provider",
        },
        {
          codes: ["user_model_rate_limited", "model_rate_limited"],
          strength: "proof",
          kind: "rate_limit",
          scope: "model",
        },
        { codes: ["unsupported_api_for_model"], strength: "proof", kind: "model_not_found" },
        { codes: ["model_max_prompt_tokens_exceeded"], strength: "proof", kind: "context_overflow" },
        { codes: ["feature_flag_blocked"], strength: "hint", kind: "auth" },
      ],
      phrases: [
        { phrases: ["not available for integrator"], kind: "model_not_found", scope: "provider" },
        { phrases: ["copilot token usage"], kind: "rate_limit", scope: "provider" },
        { phrases: ["this model's rate limit"], kind: "rate_limit", scope: "model" },
        {
          phrases: ["weekly rate limit", "monthly rate limit", "accrue additional premium requests"],
          kind: "quota",
        },
        { phrases: ["no access to github copilot"], kind: "auth" },
      ],
    },
  ],
}
