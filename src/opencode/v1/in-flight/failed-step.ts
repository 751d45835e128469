import { providerOf } from "../../../core/model-ref.ts"
import { errorInStream, failureInStream, failureOf, readFailure } from "../../../failover/read-failure.ts"
import type { SettledAttempt } from "../../../transport/attempt.ts"
import type { StreamFailure } from "../../../transport/stream-failure.ts"
import type { FailedStep, Flight } from "./flight.ts"

/** A request that ended without an answer, or with an error status. */
export async function failedAttempt(flight: Flight, settled: SettledAttempt): Promise<FailedStep> {
  const provider = providerOf(flight.model)
  if (settled.type === "thrown") return { failure: await failureOf(settled, provider), recorded: settled }
  const failure = await readFailure(settled.response, provider)
  const { status, statusText, headers, url } = settled.response
  return {
    failure,
    recorded: { type: "response", status, statusText, headers: [...headers], body: failure.body, url },
  }
}

/** A model that says nothing. */
export function failedBySilence(flight: Flight, afterMs: number): FailedStep {
  const silence = { type: "silence", afterMs } as const
  const failure = failureInStream(silence, providerOf(flight.model))
  return { failure, recorded: { type: "thrown", error: errorInStream(silence) } }
}

/** An answer that broke off. */
export function failedInStream(flight: Flight, broken: StreamFailure, response: Response): FailedStep {
  const failure = failureInStream(broken, providerOf(flight.model))
  if (broken.type !== "frame") return { failure, recorded: { type: "thrown", error: errorInStream(broken) } }
  const { contentType, ...replayed } = flight.protocol.framing.failedResponse(broken.text)
  const { statusText, url } = response
  const headers = [["content-type", contentType]] as const
  return { failure, recorded: { type: "response", statusText, headers, url, ...replayed } }
}
