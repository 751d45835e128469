import { asArray, asObject, field, text } from "../../core/json-object.ts"
import { tokensBehind } from "../../core/tokens-used.ts"
import { plainCallIDs, shortCallID } from "../../host/short-call-id.ts"
import { abortedTool, hasGoodEnd } from "./host/half-made-calls.ts"

/**
 * Shapes what the next model is given of a conversation that others have taken part in: for this request only, nothing of
 * it is stored. All is read from the history itself, so that it holds after a restart and in later turns.
 *
 * - a text that was cut is followed by a hidden request to continue it;
 * - a step that was cut before a word of its answer is left out, with whatever had been thought;
 * - a tool call that was cut in the middle is left out;
 * - a step that failed once its tools had begun is sent where its turn went on: OpenCode leaves it out, and the next
 *   model would run them again, not knowing of one that OpenCode has broken off with its step;
 * - a Gemini 3 refuses calls of the current turn that it has not signed itself; a turn begins with the newest
 *   user message that says something (Google's description of thought signatures), so a new one is begun;
 * - an id that another model has given its tool call, and that not every provider takes, is exchanged.
 *
 * Changes the list in place, because OpenCode goes on with the very same one.
 */
export function shapeMessages(messages: unknown[]): void {
  const kept = messages
    .map(withoutHalfMadeCalls)
    .map((message, index) => withBegunTools(messages, message, index))
    .filter((message) => !(isCutStep(message) && !says(message)))
  const shaped = kept.flatMap((message, index) =>
    isCutText(message) && isAnsweredByModel(kept.slice(index + 1), message)
      ? [message, hiddenRequest(kept, message, continueText)]
      : [message],
  )
  const target = field(info(shaped.findLast(isUser)), "model")
  if (checksSignatures.test(text(target, "modelID") ?? "")) beginNewTurn(shaped, target)
  messages.splice(0, messages.length, ...shaped.map((message) => withPlainCallIDs(message, target)))
}

/** How full the window was at the newest answer: tokens; 0 when the history does not say. */
export function contextTokensOf(messages: readonly unknown[]): number {
  const newest = messages.findLast((message) => tokensBehind(info(message)) > 0)
  return tokensBehind(info(newest))
}

const continueText =
  "The connection broke while you were writing the reply above. Continue it exactly where it stops. " +
  "Do not repeat what is already written, and do not mention the interruption."

const goOnText = "Go on with the task: the results of the tools above are here."

/** Gemini 3 and later, at any provider and in any spelling. */
const checksSignatures = /gemini-?(?:[3-9]|\d\d)/i

function info(message: unknown): unknown {
  return field(message, "info")
}

function partsOf(message: unknown): readonly unknown[] {
  return asArray(field(message, "parts"))
}

function isUser(message: unknown): boolean {
  return text(info(message), "role") === "user"
}

/** A step that was ended early, well-formed: only such a one asks for another step without a tool call. */
function isCutStep(message: unknown): boolean {
  const { role, finish, error, summary } = asObject(info(message))
  const isEnded = finish === "tool-calls" || finish === "unknown"
  return role === "assistant" && isEnded && error === undefined && summary !== true && !hasTool(message)
}

function isCutText(message: unknown): boolean {
  return isCutStep(message) && hasText(message)
}

function says(message: unknown): boolean {
  return hasText(message) || hasTool(message)
}

function hasText(message: unknown): boolean {
  return partsOf(message).some(
    (part) =>
      text(part, "type") === "text" &&
      field(part, "ignored") !== true &&
      (text(part, "text") ?? "").trim() !== "",
  )
}

function hasTool(message: unknown): boolean {
  return partsOf(message).some(isTool)
}

function isTool(part: unknown): boolean {
  return text(part, "type") === "tool"
}

function withoutHalfMadeCalls(message: unknown): unknown {
  if (text(info(message), "role") !== "assistant" || !hasGoodEnd(info(message))) return message
  const parts = partsOf(message)
  const whole = parts.filter((part) => text(field(part, "state"), "error") !== abortedTool)
  return whole.length === parts.length ? message : { ...asObject(message), parts: whole }
}

/** OpenAI's chat completions take 40 characters, its responses 64, while other models give ids of up to 90. */
const plainCallID = /^[\w-]{1,40}$/

function withPlainCallIDs(message: unknown, target: unknown): unknown {
  if (modelIn(info(message)) === modelIn(target)) return message
  const plainID = plainCallIDs(modelIn(target), plainCallID)
  const parts = partsOf(message)
  const plain = parts.map((part) => withPlainCallID(part, plainID))
  return plain.every((part, index) => part === parts[index])
    ? message
    : { ...asObject(message), parts: plain }
}

function withPlainCallID(part: unknown, plainID: RegExp): unknown {
  const callID = text(part, "callID")
  if (callID === undefined || plainID.test(callID)) return part
  return { ...asObject(part), callID: shortCallID(callID) }
}

function withBegunTools(messages: readonly unknown[], message: unknown, index: number): unknown {
  const all = partsOf(message)
  const last = all.findLastIndex(hasBegun)
  if (last < 0 || isSent(message) || !isAnsweredByModel(messages.slice(index + 1), message)) return message
  // A thought whose call is left out would stand for itself, which OpenAI refuses.
  const parts = all.filter((part, at) =>
    isTool(part) ? hasBegun(part) : at < last || text(part, "type") !== "reasoning",
  )
  return { ...asObject(message), info: { ...asObject(info(message)), error: undefined }, parts }
}

/** OpenCode gives a call its input once it is whole, and begins it then (1.18.33). */
function hasBegun(part: unknown): boolean {
  if (!isTool(part)) return false
  const { status, input } = asObject(field(part, "state"))
  if (status === "completed") return true
  // Of a tool that the provider runs itself its package drops the error, and leaves a call without a result.
  const isProviders = field(field(part, "metadata"), "providerExecuted") === true
  return status === "error" && !isProviders && Object.keys(asObject(input)).length > 0
}

/** Whether what follows a cut text is its continuation, by the model that is asked now or one before it. */
function isAnsweredByModel(following: readonly unknown[], cut: unknown): boolean {
  const next = following.find((message) => isUser(message) || isSent(message))
  if (next === undefined) return true
  return !isUser(next) && text(info(next), "parentID") === text(info(cut), "parentID")
}

/** OpenCode leaves out what ended with an error, unless the user had stopped it and it says something. */
function isSent(message: unknown): boolean {
  const error = field(info(message), "error")
  if (error !== undefined && text(error, "name") !== "MessageAbortedError") return false
  return says(message)
}

function hiddenRequest(messages: readonly unknown[], behind: unknown, request: string): unknown {
  const parentID = text(info(behind), "parentID")
  const asked = messages.find((message) => text(info(message), "id") === parentID) ?? messages.find(isUser)
  const id = `${text(info(behind), "id") ?? ""}~`
  const sessionID = text(info(behind), "sessionID")
  const part = { id: `${id}part`, messageID: id, sessionID, type: "text", text: request, synthetic: true }
  return { info: { ...asObject(info(asked)), id }, parts: [part] }
}

function beginNewTurn(messages: unknown[], target: unknown): void {
  const begun = messages.findLastIndex((message) => isUser(message) && hasText(message))
  const foreign = messages.findLastIndex(
    (message) => hasTool(message) && modelIn(info(message)) !== modelIn(target),
  )
  if (foreign <= begun) return
  const behind = messages[foreign]
  messages.splice(foreign + 1, 0, hiddenRequest(messages, behind, goOnText))
}

/** With its provider: of the same model at another one OpenCode takes the signatures out. */
function modelIn(named: unknown): string {
  return `${text(named, "providerID") ?? ""}/${text(named, "modelID") ?? ""}`
}
