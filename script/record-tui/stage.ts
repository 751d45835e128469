/** The model of the user's choice, and those that stand in for it. */
export const own = "anthropic/claude-opus-4-5"
export const understudyModels = ["openai/gpt-5.2", "google/gemini-3.1-pro-preview"] as const

type Json = Readonly<Record<string, unknown>>

/** Providers with the names that users know, which all send their requests to the simulator at `origin`. */
export function providers(origin: string): Json {
  const provider = (id: string, name: string, path: string, models: Readonly<Record<string, string>>) => ({
    npm: `@ai-sdk/${id}`,
    name,
    options: { baseURL: `${origin}/${id}/${path}`, apiKey: "not-a-key" },
    models: Object.fromEntries(Object.entries(models).map(([model, label]) => [model, modelConfig(label)])),
  })
  return {
    anthropic: provider("anthropic", "Anthropic", "v1", { "claude-opus-4-5": "Claude Opus 4.5" }),
    openai: provider("openai", "OpenAI", "v1", { "gpt-5.2": "GPT-5.2" }),
    google: provider("google", "Google", "v1beta", {
      "gemini-3.1-pro-preview": "Gemini 3.1 Pro Preview",
      "gemini-3-flash-preview": "Gemini 3 Flash Preview",
    }),
  }
}

const modelConfig = (name: string): Json => ({
  name,
  tool_call: true,
  attachment: true,
  limit: { context: 200_000, output: 32_000 },
})
