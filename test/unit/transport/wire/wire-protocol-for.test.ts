import { expect, test } from "bun:test"
import { wireProtocolFor } from "../../../../src/transport/wire/wire-protocol.ts"

const messages = { stream: true, messages: [] }
const input = { stream: true, input: [] }
type Row = readonly [string, Record<string, unknown> | undefined, string]

const gcp = "https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers"
const rows: readonly Row[] = [
  ["https://api.openai.com/v1/chat/completions", messages, "openai-chat"],
  ["https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", messages, "openai-chat"],
  ["https://openrouter.ai/api/v1/chat/completions", messages, "openai-chat"],
  ["https://api.mistral.ai/v1/chat/completions", messages, "openai-chat"],
  ["http://localhost:11434/v1/chat/completions", messages, "openai-chat"],
  ["https://api.githubcopilot.com/chat/completions", messages, "openai-chat"],
  ["https://api.openai.com/v1/chat/completions", undefined, "openai-chat"],
  ["https://api.openai.com/v1/chat/completions", { messages: [] }, "none"],
  ["https://api.openai.com/v1/chat/completions", { ...messages, stream: false }, "none"],
  ["https://api.openai.com/v1/responses", input, "openai-responses"],
  ["https://chatgpt.com/backend-api/codex/responses", input, "openai-responses"],
  ["https://api.githubcopilot.com/responses", input, "openai-responses"],
  ["https://x.openai.azure.com/openai/v1/responses?api-version=v1", input, "openai-responses"],
  ["https://api.openai.com/v1/responses/compact", input, "none"],
  ["https://example.com/survey/responses", { stream: true }, "none"],
  ["https://api.anthropic.com/v1/messages", messages, "anthropic-messages"],
  ["https://api.anthropic.com/v1/messages?beta=true", messages, "anthropic-messages"],
  ["https://opencode.ai/zen/v1/messages", messages, "anthropic-messages"],
  ["https://api.anthropic.com/v1/messages/count_tokens", messages, "none"],
  ["https://api.anthropic.com/v1/messages", { messages: [] }, "none"],
  [`${gcp}/anthropic/models/claude@1:streamRawPredict`, messages, "anthropic-messages"],
  [`${gcp}/anthropic/models/claude@1:rawPredict`, messages, "none"],
  [`${gcp}/mistralai/models/m:streamRawPredict`, messages, "none"],
  [`${gcp}/google/models/gemini:streamGenerateContent?alt=sse`, { contents: [] }, "gemini"],
  ["https://g.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse", undefined, "gemini"],
  ["https://cloudcode-pa.googleapis.com/v1internal:streamGenerateContent?alt=sse", undefined, "gemini"],
  ["https://g.googleapis.com/v1beta/models/m:streamGenerateContent", { contents: [] }, "none"],
  ["https://g.googleapis.com/v1beta/models/m:generateContent", { contents: [] }, "none"],
  ["https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream", messages, "bedrock-converse"],
  ["https://api.cohere.com/v2/chat", messages, "cohere-chat"],
  ["https://ai-gateway.vercel.sh/v3/ai/language-model", messages, "ai-gateway"],
]

test.each(rows)("%s with %j speaks %s", (url, body, name) => {
  expect(wireProtocolFor({ url: new URL(url), body })?.name ?? "none").toBe(name)
})
