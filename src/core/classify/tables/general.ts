import type { Table } from "../rule.ts"

/** What many providers say in the same words; the tables of families come first. */
export const general: Table = {
  family: "general",
  shared: [
    {
      source:
        "Exceptions of the SDKs: openai-python and anthropic-sdk-python (_exceptions.py), google.api_core.exceptions",
      rows: [
        { hint: ["apitimeouterror"], kind: "timeout" },
        { vague: ["unprocessableentityerror"], kind: "bad_request" },
      ],
    },
    {
      source:
        "https://www.rfc-editor.org/rfc/rfc9110#name-status-codes: reason phrases, where a client says no more",
      rows: [
        {
          phrases: ["not found", "gone"],
          pattern: /^(?:\w*error: )?(?:not found|gone)[.]?$/,
          kind: "model_not_found",
        },
        { phrases: ["client closed request"], kind: "timeout" },
      ],
    },
    {
      source:
        "LiteLLM, https://docs.modelslab.com/gguf-cloud/errors: a look-up that found nothing, not a service that is down",
      rows: [
        {
          phrases: ["no model found", "no models found", "no deployment found", "no deployments found"],
          kind: "model_not_found",
        },
      ],
    },
    {
      source: "aiohttp, which writes its parser's 400 behind it",
      rows: [{ phrases: ["response payload is not completed"], kind: "network" }],
    },
    {
      source:
        "Squid's page for a server that it does not reach, https://wiki.squid-cache.org/Features/CustomErrors",
      rows: [
        {
          phrases: ["the requested url could not be retrieved"],
          pattern: /^(?![^]*access denied)/,
          kind: "unavailable",
          scope: "provider",
        },
      ],
    },
    {
      source: "Cloudflare's challenge page, https://developers.cloudflare.com/cloudflare-challenges/",
      rows: [
        { phrases: ["enable javascript and cookies to continue"], kind: "auth" },
        { phrases: ["just a moment"], pattern: /^just a moment\.\.\.$/m, kind: "auth" },
      ],
    },
    {
      source: "https://developers.openai.com/api/docs/guides/error-codes",
      rows: [
        // With Google and Alibaba it is a limit of minutes or of an allocation: their tables come first.
        { phrases: ["check your plan and billing details"], kind: "billing" },
      ],
    },
  ],
}
