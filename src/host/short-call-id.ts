import { createHash } from "node:crypto"

/** The same id each time, of 32 characters; the first nine are all that Mistral is sent. */
export function shortCallID(callID: string): string {
  return createHash("sha256").update(callID).digest("hex").slice(0, 32)
}
