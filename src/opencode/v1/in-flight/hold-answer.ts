import { type ModelKey, modelRef } from "../../../core/model-ref.ts"
import type { Attempt } from "../../../transport/attempt.ts"
import { heldResponse } from "../../../transport/held-response.ts"
import { watchStepResponse } from "../../../transport/step-response.ts"
import { CutStreamError, type StreamFailure } from "../../../transport/stream-failure.ts"
import type { Shown, WireProtocol } from "../../../transport/wire/wire-types.ts"

export type Sent = Attempt & {
  /** How long its model may say nothing, milliseconds; 0 is for ever. */
  readonly firstTokenMs: number
}

type HeldAnswer = {
  /** Nothing of it is lost. One that is empty or cut ends with an error instead. */
  readonly response: Response
  /** What broke before enough of it had come. */
  readonly broken?: StreamFailure | undefined
}

/** Waits with an answer of a request beside the steps until enough of it has come, it is over, or it has failed. */
export async function holdAnswer(
  response: Response,
  { model, protocol }: { readonly model: ModelKey; readonly protocol: WireProtocol },
  { firstTokenMs, sentAt, abandon }: Sent,
  {
    isEnough,
    onFault,
  }: {
    readonly isEnough: (shown: Shown) => boolean
    readonly onFault: (error: unknown) => void
  },
): Promise<HeldAnswer> {
  const reader = protocol.open({ model: modelRef(model).modelID })
  let broken: StreamFailure | undefined
  const { promise: isOver, resolve } = Promise.withResolvers<undefined>()
  const timeouts = { firstTokenMs, stallMs: 0, bytesMs: 0, sentAt }
  const watched = watchStepResponse(response, { reader, framing: protocol.framing }, timeouts, {
    onFailure: async (failure) => {
      if (!isEnough(reader.shown)) broken = failure
      resolve(undefined)
      return failure.type === "empty" || failure.type === "cut" ? new CutStreamError() : "pass"
    },
    onFault,
    abandon,
  })
  return { response: await heldResponse(watched, () => isEnough(reader.shown), isOver), broken }
}
