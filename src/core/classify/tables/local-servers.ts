import type { Table } from "../rule.ts"

/** One server, often one graphics card: busy for one model is busy for all. */
export const localServers: Table = {
  family: "local",
  providers: /ollama|lm-?studio|llama-?cpp|llama\.cpp|vllm|localai|^local/,
  scopes: { overloaded: "provider" },
  own: [
    {
      source: "https://github.com/ollama/ollama/issues/8258 and 817",
      // The runner behind the server has died. Elsewhere these words mean the connection.
      phrases: [{ phrases: ["eof"], pattern: /\beof$/m, kind: "unavailable" }],
    },
  ],
  shared: [
    {
      source: "https://github.com/ollama/ollama/blob/main/docs/faq.md and issues 15934",
      phrases: [
        {
          phrases: ["maximum pending requests exceeded", "server busy, please try again"],
          kind: "overloaded",
          scope: "provider",
        },
        { phrases: ["try pulling it first"], kind: "model_not_found" },
        {
          phrases: [
            "llama runner process",
            "llama runner terminated",
            "runner process no longer running",
            "encountered while running the model",
            "reading llm response",
          ],
          kind: "unavailable",
        },
        { phrases: ["model requires more system memory"], kind: "unavailable" },
        { phrases: ["hourly usage limit", "weekly usage limit"], kind: "quota" },
      ],
    },
    {
      source: "https://lmstudio.ai/docs/developer and https://github.com/lmstudio-ai/lmstudio-bug-tracker",
      phrases: [
        { phrases: ["no models loaded"], kind: "model_not_found" },
        { phrases: ["the model has crashed", "model unloaded"], kind: "unavailable" },
        {
          phrases: ["load", "loading"],
          pattern:
            /\b(?:failed to|unable to|couldn't|could not|cannot) load (?:the )?model\b|\berror loading model\b/,
          kind: "unavailable",
        },
        { phrases: ["greater than the context length", "context length of only"], kind: "context_overflow" },
        { phrases: ["exceeds the available context size"], kind: "context_overflow" },
      ],
    },
    {
      source: "https://docs.vllm.ai and https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
      codes: [
        { codes: ["enginedeaderror", "unavailable_error"], strength: "hint", kind: "unavailable" },
        { codes: ["exceed_context_size_error"], strength: "proof", kind: "context_overflow" },
        { codes: ["notfounderror"], strength: "hint", kind: "model_not_found" },
        { codes: ["badrequesterror"], strength: "vague", kind: "bad_request" },
      ],
      phrases: [
        { phrases: ["loading model"], pattern: /^loading model/m, kind: "unavailable" },
        {
          phrases: ["enginecore encountered an issue", "background loop has errored", "engine loop has died"],
          kind: "unavailable",
        },
        {
          phrases: ["prompt is too big compared to", "context size has been exceeded"],
          kind: "context_overflow",
        },
        {
          phrases: ["could not find a kv slot", "find free space in the kv cache"],
          kind: "context_overflow",
        },
      ],
    },
  ],
}
