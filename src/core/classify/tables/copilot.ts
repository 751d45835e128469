import type { Table } from "../rule.ts"

export const copilot: Table = {
  family: "copilot",
  providers: /copilot|github/,
  scopes: { rate_limit: "provider" },
  longWaitIsQuota: true,
  own: [
    // https://github.com/caozhiyuan/copilot-api/issues/110 (402 quota_exceeded), https://github.com/github/app/issues/298
    // 402 with this code is an account without an allowance: the status is more precise than the code.
    { vague: ["quota_exceeded"], kind: "quota" },
    { phrases: ["you have no quota"], kind: "billing" },
  ],
  shared: [
    // https://github.com/github/copilot-cli/issues/2740 and 2742, 2787, 2828
    {
      proof: ["user_weekly_rate_limited", "integration_rate_limited", "agent_mode_limit_exceeded"],
      kind: "rate_limit",
      scope: "provider",
    },
    { hint: ["feature_flag_blocked"], kind: "auth" },
    { phrases: ["not available for integrator"], kind: "model_not_found", scope: "provider" },
    { phrases: ["copilot token usage"], kind: "rate_limit", scope: "provider" },
    {
      phrases: ["weekly rate limit", "monthly rate limit", "accrue additional premium requests"],
      kind: "quota",
    },
    { phrases: ["no access to github copilot"], kind: "auth" },
  ],
}
