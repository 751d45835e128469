import type { Table } from "../rule.ts"

/** OpenCode's own texts (they replace the provider's), its gateways Zen and Go, and the AI SDK's errors. */
export const opencode: Table = {
  family: "opencode",
  providers: /^opencode/,
  longWaitIsQuota: true,
  own: [
    {
      source: "https://github.com/anomalyco/opencode/issues/22994",
      // The gateway's bill at its supplier: the models of other suppliers go on.
      phrases: [
        { phrases: ["help.aliyun.com"], pattern: /overdue-payment/, kind: "billing", scope: "model" },
      ],
    },
  ],
  shared: [
    {
      source:
        "https://github.com/anomalyco/opencode/blob/dev/packages/console/app/src/routes/zen/util/error.ts",
      codes: [
        {
          codes: [
            "freeusagelimiterror",
            "gousagelimiterror",
            "subscriptionusagelimiterror",
            "monthlylimiterror",
            "userlimiterror",
          ],
          strength: "proof",
          kind: "quota",
        },
        { codes: ["creditserror"], strength: "proof", kind: "billing" },
        { codes: ["modelerror"], strength: "proof", kind: "model_not_found" },
        { codes: ["autherror", "freetiererror"], strength: "hint", kind: "auth" },
      ],
      phrases: [
        { phrases: ["free usage exceeded"], kind: "quota" },
        { phrases: ["or newer is required to use"], kind: "auth" },
        { phrases: ["request blocked by upstream provider"], kind: "auth", scope: "model" },
        // Followed by `[rate_limit_exceeded]` the supplier's own code tells more.
      ],
    },
    {
      source: "OpenCode 1.18.33, session/retry.ts and provider/error.ts",
      codes: [
        // OpenCode makes this of every 413, also of Groq's rate limit: the body decides first.
        { codes: ["contextoverflowerror"], strength: "vague", kind: "context_overflow" },
        { codes: ["providerautherror"], strength: "proof", kind: "auth" },
        { codes: ["providermodelnotfounderror"], strength: "proof", kind: "model_not_found" },
        {
          codes: ["messageoutputlengtherror", "structuredoutputerror"],
          strength: "proof",
          kind: "bad_request",
        },
        { codes: ["providerheadertimeouterror"], strength: "proof", kind: "timeout" },
        { codes: ["providerresponsestreamerror"], strength: "vague", kind: "network" },
      ],
      phrases: [
        // Another turn runs in this session: no provider was asked.
        { phrases: ["session ses_"], pattern: /\bsession ses_\w{1,60} is busy/, kind: "bad_request" },
        { phrases: ["to use codex with your chatgpt plan, upgrade"], kind: "billing" },
        // A provider's package that cannot be installed or loaded (measured, an `UnknownError` in 1.18.33).
        { phrases: ["provideriniterror"], kind: "unavailable" },
      ],
    },
    {
      source: "https://ai-sdk.dev/docs/reference/ai-sdk-errors",
      codes: [
        {
          codes: ["ai_loadapikeyerror", "loadapikeyerror", "ai_loadsettingerror"],
          strength: "proof",
          kind: "auth",
        },
        {
          codes: ["ai_nosuchmodelerror", "ai_nosuchprovidererror", "ai_unsupportedmodelversionerror"],
          strength: "proof",
          kind: "model_not_found",
        },
        {
          codes: [
            "ai_jsonparseerror",
            "ai_typevalidationerror",
            "ai_emptyresponsebodyerror",
            "ai_invalidresponsedataerror",
            "ai_nooutputgeneratederror",
          ],
          strength: "vague",
          kind: "unavailable",
        },
        {
          codes: ["ai_invalidprompterror", "ai_invalidargumenterror", "ai_unsupportedfunctionalityerror"],
          strength: "proof",
          kind: "bad_request",
        },
      ],
    },
  ],
}
