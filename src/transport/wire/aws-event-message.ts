/**
 * Messages of AWS's binary event stream: total length, length of the headers, CRC of these eight bytes, headers,
 * payload, CRC of everything. Lengths and checksums are 32-bit, the most significant byte first. A message is
 * handled as text of one character for each byte (Latin-1).
 *
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 */
type AwsEventMessage = {
  /** Those of type string; names begin with a colon where AWS defines them. */
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string
}

/** Lengths and their checksum. Bytes. */
export const preludeBytes = 12
const checksumBytes = 4
const stringType = 7
/** Bytes that a value of each other type takes up; 6 begins with its own length. */
const valueBytes: readonly number[] = [0, 0, 1, 2, 4, 8, 2, 2, 8, 16]

/** @returns the length of the message that begins here, in bytes; `undefined` when none does */
export function messageLength(prelude: Uint8Array): number | undefined {
  const view = new DataView(prelude.buffer, prelude.byteOffset, preludeBytes)
  if (Bun.hash.crc32(prelude.subarray(0, 8)) !== view.getUint32(8)) return undefined
  const total = view.getUint32(0)
  return total >= preludeBytes + view.getUint32(4) + checksumBytes ? total : undefined
}

/** @param message one whole message */
export function readAwsMessage(message: string): AwsEventMessage {
  const bytes = Buffer.from(message, "latin1")
  const headersEnd = preludeBytes + bytes.readUInt32BE(4)
  const payload = bytes.toString("utf8", headersEnd, bytes.length - checksumBytes)
  return { headers: readHeaders(bytes.subarray(preludeBytes, headersEnd)), payload }
}

export function awsMessage({ headers, payload }: AwsEventMessage): string {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => headerBytes(name, value)))
  const body = Buffer.from(payload)
  const prelude = Buffer.alloc(8)
  prelude.writeUInt32BE(preludeBytes + head.length + body.length + checksumBytes, 0)
  prelude.writeUInt32BE(head.length, 4)
  const unsigned = Buffer.concat([prelude, checksum(prelude), head, body])
  return Buffer.concat([unsigned, checksum(unsigned)]).toString("latin1")
}

function readHeaders(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes.readUInt8(at)
    const name = bytes.toString("utf8", at + 1, nameEnd)
    const type = bytes.readUInt8(nameEnd)
    const start = nameEnd + 1 + (valueBytes[type] ?? 0)
    const hasLength = type === stringType || type === stringType - 1
    const end = hasLength ? start + bytes.readUInt16BE(nameEnd + 1) : start
    if (type === stringType) headers[name] = bytes.toString("utf8", start, end)
    at = end
  }
  return headers
}

function headerBytes(name: string, value: string): Buffer {
  const [nameBytes, text] = [Buffer.from(name), Buffer.from(value)]
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([stringType]), length, text])
}

function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(checksumBytes)
  sum.writeUInt32BE(Bun.hash.crc32(bytes))
  return sum
}
