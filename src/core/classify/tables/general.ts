import type { Table } from "../rule.ts"

/** What many providers say in the same words; the tables of families come first. */
export const general: Table = {
  family: "general",
  shared: [
    {
      source:
        "OpenCode 1.18.33 overflow patterns, https://github.com/badlogic/pi-mono packages/ai/src/utils/overflow.ts",
      codes: [
        {
          codes: ["context_overflow", "contextoverflow", "prompt_too_long", "input_too_long"],
          strength: "proof",
          kind: "context_overflow",
        },
      ],
    },
    {
      source: "Cloudflare's challenge page, https://developers.cloudflare.com/cloudflare-challenges/",
      phrases: [{ phrases: ["enable javascript and cookies to continue"], kind: "auth" }],
    },
    {
      source: "https://developers.openai.com/api/docs/guides/error-codes",
      // With Google and Alibaba it is a limit of minutes or of an allocation: their tables come first.
      phrases: [{ phrases: ["check your plan and billing details"], kind: "billing" }],
    },
  ],
}
