import type { Table } from "../rule.ts"

/** One server, often one graphics card: busy for one model is busy for all. */
export const localServers: Table = {
  family: "local",
  providers: /ollama|lm-?studio|llama-?cpp|llama\.cpp|vllm|localai|^local/,
  scopes: { overloaded: "provider" },
  shared: [
    // https://github.com/ollama/ollama/blob/main/docs/faq.md and issues 15934
    { phrases: ["try pulling it first"], kind: "model_not_found" },
    { phrases: ["encountered while running the model", "reading llm response"], kind: "unavailable" },
    // https://lmstudio.ai/docs/developer and https://github.com/lmstudio-ai/lmstudio-bug-tracker
    { phrases: ["no models loaded"], kind: "model_not_found" },
    {
      pattern:
        /\b(?:failed to|unable to|could not|cannot|(?:not enough|insufficient) .{0,30}\bto) load (?:the )?model\b|\berror loading model\b/,
      kind: "unavailable",
    },
    { phrases: ["context length of only"], kind: "context_overflow" },
    // https://docs.vllm.ai and https://github.com/ggml-org/llama.cpp/tree/master/tools/server
    { hint: ["enginedeaderror", "unavailable_error", "model_not_loaded"], kind: "unavailable" },
    { vague: ["badrequesterror"], kind: "bad_request" },
    // SGLang calls its own disorder a bad request.
    { phrases: ["without bootstrap room"], kind: "unavailable" },
    {
      phrases: ["could not find a kv slot", "find free space in the kv cache"],
      kind: "context_overflow",
    },
  ],
}
