import type { Failure } from "../../core/verdict.ts"

/** What a failed answer says, from a copy of its body, which must come to an end (`boundedError`). */
export async function readFailure(response: Response, provider: string): Promise<Failure> {
  const body = await response.clone().text()
  return { provider, status: response.status, headers: Object.fromEntries(response.headers), body }
}
