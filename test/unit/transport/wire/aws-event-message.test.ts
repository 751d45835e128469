import { describe, expect, test } from "bun:test"
import {
  awsMessage,
  messageLength,
  readAwsMessage,
} from "../../../../src/transport/wire/aws-event-message.ts"

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "latin1"))
const first = awsMessage({
  headers: { ":event-type": "one", ":content-type": "x" },
  payload: '{"a":"grüße"}',
})
const second = awsMessage({ headers: {}, payload: "" })

describe("a message of the binary event stream", () => {
  test("reads as it was written", () => {
    expect(readAwsMessage(first)).toEqual({
      headers: { ":event-type": "one", ":content-type": "x" },
      payload: '{"a":"grüße"}',
    })
    expect(readAwsMessage(second)).toEqual({ headers: {}, payload: "" })
  })

  test("knows its length from its prelude, whose checksum must be right", () => {
    expect(messageLength(bytes(first))).toBe(first.length)
    const broken = bytes(first)
    broken[8] = (broken[8] ?? 0) ^ 1
    expect(messageLength(broken)).toBeUndefined()
  })

  test("is none that would be shorter than its headers", () => {
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(20, 0)
    prelude.writeUInt32BE(5, 4)
    prelude.writeUInt32BE(Bun.hash.crc32(prelude.subarray(0, 8)), 8)
    expect(messageLength(prelude)).toBeUndefined()
    prelude.writeUInt32BE(4, 4)
    prelude.writeUInt32BE(Bun.hash.crc32(prelude.subarray(0, 8)), 8)
    expect(messageLength(prelude)).toBe(20)
  })

  test("may hold headers of other types, which are passed over", () => {
    const name = (text: string): Buffer => Buffer.from([text.length, ...Buffer.from(text)])
    const headers = Buffer.concat([
      name("t"),
      Buffer.from([0]),
      name("byte"),
      Buffer.from([2, 9]),
      name("int"),
      Buffer.from([4, 0, 0, 0, 9]),
      name("long"),
      Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 9]),
      name("blob"),
      Buffer.from([6, 0, 3, 200, 1, 2]),
      name("time"),
      Buffer.from([8, 0, 0, 0, 0, 0, 0, 0, 9]),
      name("uuid"),
      Buffer.from([9, ...Buffer.alloc(16)]),
      name("s"),
      Buffer.from([7, 0, 2, 0x68, 0x69]),
    ])
    const head = Buffer.alloc(12)
    head.writeUInt32BE(12 + headers.length + 4, 0)
    head.writeUInt32BE(headers.length, 4)
    const message = Buffer.concat([head, headers, Buffer.alloc(4)]).toString("latin1")
    expect(readAwsMessage(message)).toEqual({ headers: { s: "hi" }, payload: "" })
  })
})
