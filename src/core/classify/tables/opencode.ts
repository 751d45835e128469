import type { Table } from "../rule.ts"

/** OpenCode's own texts (they replace the provider's), its gateways Zen and Go, and the AI SDK's errors. */
export const opencode: Table = {
  family: "opencode",
  providers: /^opencode/,
  longWaitIsQuota: true,
  own: [
    // https://github.com/anomalyco/opencode/issues/22994
    // The gateway's bill at its supplier: the models of other suppliers go on.
    { phrases: ["help.aliyun.com"], pattern: /overdue-payment/, kind: "billing", scope: "model" },
  ],
  shared: [
    // https://github.com/anomalyco/opencode/blob/dev/packages/console/app/src/routes/zen/util/error.ts
    { proof: ["subscriptionusagelimiterror", "userlimiterror"], kind: "quota" },
    { proof: ["creditserror"], kind: "billing" },
    { proof: ["modelerror"], kind: "model_not_found" },
    { hint: ["autherror", "freetiererror"], kind: "auth" },
    { phrases: ["free usage exceeded"], kind: "quota" },
    { phrases: ["or newer is required to use"], kind: "auth" },
    { phrases: ["request blocked by upstream provider"], kind: "auth", scope: "model" },
    // OpenCode 1.18.33, session/retry.ts and provider/error.ts
    // OpenCode makes this of every 413, also of Groq's rate limit: the body decides first.
    { vague: ["contextoverflowerror"], kind: "context_overflow" },
    { proof: ["providerautherror"], kind: "auth" },
    { proof: ["messageoutputlengtherror", "structuredoutputerror"], kind: "bad_request" },
    { vague: ["providerresponsestreamerror"], kind: "network" },
    // Another turn runs in this session: no provider was asked.
    { pattern: /\bsession ses_\w{1,60} is busy/, kind: "bad_request" },
    { phrases: ["to use codex with your chatgpt plan, upgrade"], kind: "billing" },
    // https://ai-sdk.dev/docs/reference/ai-sdk-errors
    { proof: ["ai_loadapikeyerror", "ai_loadsettingerror"], kind: "auth" },
    {
      proof: ["ai_nosuchmodelerror", "ai_nosuchprovidererror", "ai_unsupportedmodelversionerror"],
      kind: "model_not_found",
    },
    {
      vague: [
        "ai_jsonparseerror",
        "ai_typevalidationerror",
        "ai_emptyresponsebodyerror",
        "ai_invalidresponsedataerror",
        "ai_nooutputgeneratederror",
      ],
      kind: "unavailable",
    },
    {
      proof: [
        "ai_invalidprompterror",
        "ai_invalidargumenterror",
        "ai_unsupportedfunctionalityerror",
        "ai_downloaderror",
      ],
      kind: "bad_request",
    },
  ],
}
