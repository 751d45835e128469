import { createHash } from "node:crypto"

/** The same id each time, of 32 characters; the first nine are all that Mistral is sent. */
export function shortCallID(callID: string): string {
  return createHash("sha256").update(callID).digest("hex").slice(0, 32)
}

const cutsCallIDs = /mistral|devstral|codestral|pixtral|mixtral/i
const uncut = /^[a-zA-Z0-9]{9}$/

/**
 * The ids that a model can be given as they are. To Mistral's models OpenCode sends of each nine letters and digits: of all
 * that begin with `toolu_vrtx_` the same (1.18.34, 2.0.15).
 */
export function plainCallIDs(model: string, ofOthers: RegExp): RegExp {
  return cutsCallIDs.test(model) ? uncut : ofOthers
}
