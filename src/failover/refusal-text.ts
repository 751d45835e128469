import type { Catalog } from "../core/catalog.ts"
import { backAt } from "../core/circuit.ts"
import { explainKind } from "../core/classify/explain-kind.ts"
import type { ExhaustedChain } from "../core/decide.ts"
import { describeSkip } from "../core/describe-skip.ts"
import { modelName } from "../core/model-name.ts"
import { type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import { remedyFor } from "../core/remedy-for.ts"
import { roughDuration } from "../core/rough-duration.ts"
import { type Skipped, type Tried, triedModel } from "../core/select.ts"
import type { Verdict } from "../core/verdict.ts"
import type { Turn } from "../turn/turn.ts"

/** The one error that ends a turn at once: each model with its reason, and when it is back. */
export type RefusalText = (turn: Turn, verdict: Verdict, decision: ExhaustedChain) => Promise<string>

export function createRefusalText(catalog: () => Promise<Catalog>, now: () => number): RefusalText {
  return async (turn, verdict, decision) => {
    const known = await catalog()
    const name = (model: ModelKey): string => modelName(known, model)
    const tried = [...turn.tried, triedModel(turn.inUse.model, verdict)]
    const notTried = decision.skipped.filter(
      ({ model }) => !tried.some((entry) => sameModel(entry.model, model)),
    )
    const lines = [
      ...tried.map((entry) => `${name(entry.model)}: ${whyTried(entry, now())}`),
      ...notTried.map((entry) => `${name(entry.model)}: ${whyPassedOver(entry, now())}`),
    ]
    return withoutRetryWords(`${head(decision)} ${lines.join("; ")}.`)
  }
}

function head({ why }: ExhaustedChain): string {
  switch (why) {
    case "no-chain":
      return "This model cannot go on, and it has no fallback models."
    case "attempts-spent":
      return "No model could take this turn within max_fallback_attempts."
    case "no-model-left":
      return "No model is left for this turn."
  }
}

/** A cooldown is told in the same words as that of a model which this turn has tried. */
function whyPassedOver({ model, reason }: Skipped, now: number): string {
  if (reason.why !== "cooling-down") return describeSkip(reason, now)
  return whyTried({ model, kind: reason.kind, retryAt: backAt(reason) }, now)
}

function whyTried(tried: Tried, now: number): string {
  const { kind, retryAt } = tried
  const what = kind === undefined ? "already tried" : explainKind(kind)
  const back = retryAt === undefined ? undefined : `back in ${roughDuration(retryAt - now)}`
  const then = remedyFor(kind, providerOf(tried.model)) ?? back
  return then === undefined ? what : `${what}, ${then}`
}

/**
 * OpenCode asks again whenever an error's text holds one of these (1.18.33), also inside a model's name or a
 * number. An invisible character in their middle keeps the text as it reads.
 */
const retryWords =
  /429|500|502|503|504|524|rate increased too quickly|rate[ _-]limit|too many requests|overloaded|(?:service[ _-]unavailable)|internal[ _]error|(?:internal )?server[ _-]?error|provider[ _-]returned[ _-]error|terminated|fetch failed|failed to fetch|network[-_\s]error|upstream connect|connection (?:error|refused|lost)|socket connection was closed|socket hang up|reset before headers|getaddrinfo|enotfound|eai_again|econnrefused|econnreset|etimedout|(?:request|response|connection|network|stream|read) (?:timeout|timed out|time out)|try your request again|retry your request|resource[ _]exhausted|try again (?:later|in)|(?:currently|temporarily) at capacity/gi

/** Over these as well where no provider has said it, but somebody has thrown it: a service that is unavailable, say. */
const thrownRetryWords = /too_many_requests|exhausted|unavailable/gi

/** Whether OpenCode asks again over an error with this text, whoever says it. */
export function isAskedAgain(text: string): boolean {
  return text.search(retryWords) >= 0
}

const wordJoiner = "\u2060"

/**
 * The same text to read, over which OpenCode does not ask again. Single words first: of two that belong together
 * ("service unavailable") one may be broken already, which is enough.
 */
export function withoutRetryWords(text: string): string {
  const broken = (found: string): string => `${found.slice(0, 2)}${wordJoiner}${found.slice(2)}`
  return text.replaceAll(thrownRetryWords, broken).replaceAll(retryWords, broken)
}

/**
 * OpenCode ends a step at once on this status; on 408, 409, 429 and everything from 500 on it asks again
 * (1.18.33).
 */
const finalStatus = 424

/** The error that ends a turn, readable for every SDK package that OpenCode bundles. */
export function refusalResponse(text: string): Response {
  const message = withoutRetryWords(text)
  const error = { message, type: "no_model_left", code: finalStatus, status: "FAILED_PRECONDITION" }
  return Response.json({ type: "error", message, error }, { status: finalStatus })
}

/** The same in the middle of a stream. */
export class RefusedTurnError extends Error {
  override readonly name = "RefusedTurnError"
}
