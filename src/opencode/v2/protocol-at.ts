import { wireProtocolFor } from "../../transport/wire/wire-protocol.ts"
import type { WireProtocol } from "../../transport/wire/wire-types.ts"

/** The protocol of a request of OpenCode 2. It asks for a stream in every one; which protocol it is the path says. */
export function protocolAt(url: string): WireProtocol | undefined {
  return wireProtocolFor({ url: new URL(url), body: undefined })
}
