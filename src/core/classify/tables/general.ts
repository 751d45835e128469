import type { Table } from "../rule.ts"

/** What many providers say in the same words; the tables of families come first. */
export const general: Table = {
  family: "general",
  shared: [
    // Exceptions of the SDKs: openai-python and anthropic-sdk-python (_exceptions.py), google.api_core.exceptions
    { hint: ["apitimeouterror"], kind: "timeout" },
    { vague: ["unprocessableentityerror"], kind: "bad_request" },
    // https://www.rfc-editor.org/rfc/rfc9110#name-status-codes: reason phrases, where a client says no more
    {
      pattern: /^(?:\w*error: )?(?:not found|does not exist|gone)[.]?$/,
      kind: "model_not_found",
    },
    // A model's refusal in place of an answer, and nothing else
    {
      pattern: /(?:^|[.] )(?:\w*error: )?[^.:\n]{0,60}\bcannot (?:help|assist) with this request\W*$/m,
      kind: "content_filter",
    },
    // iFlow
    { pattern: /\bmodel not support(?:ed)?\W*$/, kind: "model_not_found" },
    // https://docs.wandb.ai/support/inference_rate_limit_429_error: "for your account" may be said of an outage
    { pattern: /\b(?:is|are) not available for personal accounts\W*$/, kind: "auth" },
    { phrases: ["client closed request"], kind: "timeout" },
    // LiteLLM, https://docs.modelslab.com/gguf-cloud/errors: a look-up that found nothing, not a service that is down
    {
      phrases: ["no model found", "no models found", "no deployment found", "no deployments found"],
      kind: "model_not_found",
    },
    // aiohttp, which writes its parser's 400 behind it
    { phrases: ["response payload is not completed"], kind: "network" },
    // Squid's page for a server that it does not reach, https://wiki.squid-cache.org/Features/CustomErrors
    {
      phrases: ["the requested url could not be retrieved"],
      pattern: /^(?![^]*access denied)/,
      kind: "unavailable",
      scope: "provider",
    },
    // Cloudflare's challenge page, https://developers.cloudflare.com/cloudflare-challenges/
    { phrases: ["enable javascript and cookies to continue"], kind: "auth" },
    { pattern: /^just a moment\.\.\.$/m, kind: "auth" },
    // https://developers.openai.com/api/docs/guides/error-codes
    // With Google and Alibaba it is a limit of minutes or of an allocation: their tables come first.
    { phrases: ["check your plan and billing details"], kind: "billing" },
  ],
}
