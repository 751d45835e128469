import type { Failure } from "../../core/verdict.ts"
import type { RetryEvent } from "./context.ts"

/**
 * What OpenCode 2 says of a failure, where the answer itself was not seen: a refused connection, a WebSocket. Its
 * own class of the error stands in for the status that is missing.
 */
export function failureOfRetry({ error }: Pick<RetryEvent, "error">, provider: string): Failure {
  const { message } = error
  const status = error.status !== undefined && error.status >= 400 ? error.status : statusOf(error.type)
  const code = error.type === "provider.transport" ? { code: "ECONNRESET" } : {}
  return { provider, message, ...code, ...(status !== undefined && { status }) }
}

function statusOf(type: string): number | undefined {
  return Object.hasOwn(statuses, type) ? statuses[type] : undefined
}

const statuses: Readonly<Record<string, number>> = {
  "provider.rate-limit": 429,
  "provider.quota": 402,
  "provider.internal": 500,
  "provider.auth": 401,
  // A page of a proxy, JSON of something else, a stream without an end.
  "provider.invalid-output": 502,
}
