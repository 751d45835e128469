import { clipText } from "./classify/clip-text.ts"
import type { Failure, Verdict } from "./verdict.ts"

/**
 * What providers say of reasoning that another model has left in the conversation: Anthropic "Invalid
 * `signature` in `thinking` block" and "Expected `thinking` or `redacted_thinking`, but found `text`", Gemini
 * "Function call is missing a thought_signature", OpenAI "Item 'rs_1' of type 'reasoning' was provided without
 * its required following item" and "The encrypted content gAAA could not be verified", DeepSeek and Moonshot
 * "reasoning_content must be passed back" (USERS.md, row 89; opencode issues 6418, 25005).
 */
const reasoningWords =
  /\b(?:redacted_)?thinking\b|\bthought[ _]?signatures?\b|\breasoning(?:_content|_details)?\b|\bencrypted[ _]content\b|\binvalid [`'"]?signature\b/i

/**
 * Whether a refusal is a consequence of the switch itself: the model was given what it cannot read of the one
 * before it. That says nothing of its health, and the next model may well read it.
 */
export function isSwitchFault(verdict: Pick<Verdict, "kind">, failure: Failure): boolean {
  if (verdict.kind !== "bad_request") return false
  return [failure.message, failure.body].some(
    (text) => text !== undefined && reasoningWords.test(clipText(text)),
  )
}
