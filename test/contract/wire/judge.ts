import { jsonSchema, streamText, tool } from "ai"
import type { WireProtocol } from "../../../src/transport/wire/wire-types.ts"
import type { Respond, WireRow } from "./wire-rows.ts"

/** What OpenCode would see of one step, as the real AI SDK tells it. */
export type Judgement = {
  readonly text: string
  readonly reasoning: string
  /** Inputs of the calls that were made; `invalid` ones could not be read. */
  readonly calls: readonly { readonly name: string; readonly input: unknown; readonly invalid: boolean }[]
  readonly executed: readonly unknown[]
  readonly errors: readonly unknown[]
  readonly finish: string | undefined
  /** Blocks that were started and never ended. */
  readonly unclosed: readonly string[]
}

/** Lets the SDK package of `row` take one step on what `respond` answers. */
export async function judge(row: Pick<WireRow, "model">, respond: Respond): Promise<Judgement> {
  const executed: unknown[] = []
  const result = streamText({
    model: row.model(respond),
    prompt: "hello",
    maxRetries: 0,
    onError: () => {},
    tools: {
      write: tool({
        inputSchema: jsonSchema({ type: "object" }),
        execute: (input: unknown) => {
          executed.push(input)
          return "written"
        },
      }),
    },
  })
  const seen = { text: "", reasoning: "", finish: undefined as string | undefined }
  const calls: Judgement["calls"][number][] = []
  const errors: unknown[] = []
  const open = new Set<string>()
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") seen.text += part.text
    if (part.type === "reasoning-delta") seen.reasoning += part.text
    if (part.type === "text-start" || part.type === "reasoning-start") open.add(part.id)
    if (part.type === "text-end" || part.type === "reasoning-end") open.delete(part.id)
    if (part.type === "tool-call")
      calls.push({
        name: part.toolName,
        input: part.input,
        invalid: part.dynamic === true && part.invalid === true,
      })
    if (part.type === "error") errors.push(part.error)
    if (part.type === "tool-error") errors.push(part.error)
    if (part.type === "finish-step") seen.finish = part.finishReason
  }
  return { ...seen, calls, executed, errors, unclosed: [...open] }
}

/** An answer with these frames. */
export function answered({ framing }: Pick<WireProtocol, "framing">, frames: string): Response {
  return new Response(framing.encode(frames), { headers: { "content-type": framing.contentType } })
}
