/**
 * OpenCode ends a step at once on this status; on 408, 409, 429 and everything from 500 on it asks again
 * (1.18.33).
 */
const finalStatus = 424

/** The error that ends a turn, readable for every SDK package that OpenCode bundles. */
export function refusalResponse(text: string): Response {
  const error = { message: text, type: "no_model_left", code: finalStatus, status: "FAILED_PRECONDITION" }
  return Response.json({ type: "error", message: text, error }, { status: finalStatus })
}

/** The same in the middle of a stream. */
export class RefusedTurnError extends Error {
  override readonly name = "RefusedTurnError"
}
