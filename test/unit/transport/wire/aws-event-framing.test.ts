import { describe, expect, test } from "bun:test"
import { awsEventFraming } from "../../../../src/transport/wire/aws-event-framing.ts"
import { awsMessage } from "../../../../src/transport/wire/aws-event-message.ts"
import { mostFrameBytes } from "../../../../src/transport/wire/framing.ts"

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "latin1"))
const first = awsMessage({
  headers: { ":event-type": "one", ":content-type": "x" },
  payload: '{"a":"grüße"}',
})
const second = awsMessage({ headers: {}, payload: "" })

describe("the messages in a body", () => {
  test("are found wherever the body is cut", () => {
    const whole = bytes(first + second + first)
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const splitter = awsEventFraming.splitter()
      const batches = [splitter.push(whole.slice(0, cut)), splitter.push(whole.slice(cut))]
      expect(batches.flatMap(({ frames }) => frames)).toEqual([first, second, first])
      expect(Buffer.concat(batches.map((batch) => batch.bytes)).equals(Buffer.from(whole))).toBe(true)
      expect([splitter.rest().length, splitter.isBetweenFrames, splitter.isInsideUnread]).toEqual([
        0,
        true,
        false,
      ])
    }
  })

  test("half of one is kept", () => {
    const splitter = awsEventFraming.splitter()
    expect(splitter.push(bytes(second + first.slice(0, 20))).frames).toEqual([second])
    expect([splitter.rest(), splitter.isBetweenFrames]).toEqual([bytes(first.slice(0, 20)), false])
  })

  test("what is none is kept as the rest: it may be an error in plain JSON", () => {
    const splitter = awsEventFraming.splitter()
    const json = '{"message":"Too many requests"}'
    expect(splitter.push(bytes(json)).frames).toEqual([])
    expect(splitter.rest()).toEqual(bytes(json))
  })

  /** A message beyond the bound, of which nothing is looked at but its beginning. */
  function huge(length = mostFrameBytes + 100): Uint8Array<ArrayBuffer> {
    const message = new Uint8Array(length)
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(message.length, 0)
    prelude.writeUInt32BE(Bun.hash.crc32(prelude.subarray(0, 8)), 8)
    message.set(prelude)
    return message
  }

  test("one beyond the bound goes through unread, and the next is read", () => {
    const message = huge()
    const splitter = awsEventFraming.splitter()
    const begun = splitter.push(message.slice(0, 1_000))
    expect([begun.unread.length, begun.frames.length, begun.bytes.length]).toEqual([1_000, 0, 0])
    expect([splitter.isInsideUnread, splitter.isBetweenFrames]).toEqual([true, false])
    const rest = new Uint8Array(message.length - 1_000 + second.length)
    rest.set(bytes(second), message.length - 1_000)
    const ended = splitter.push(rest)
    expect([ended.unread.length, ended.frames]).toEqual([message.length - 1_000, [second]])
    expect([splitter.isInsideUnread, splitter.isBetweenFrames]).toEqual([false, true])
  })

  test("one as long as the bound is read", () => {
    const message = huge(mostFrameBytes)
    const splitter = awsEventFraming.splitter()
    expect(splitter.push(message.slice(0, 1_000)).unread).toHaveLength(0)
    expect(splitter.push(message.slice(1_000)).frames.map(({ length }) => length)).toEqual([mostFrameBytes])
  })

  test("one beyond the bound behind another loses no byte of either", () => {
    const message = huge()
    const splitter = awsEventFraming.splitter()
    splitter.push(message.slice(0, 1_000))
    const seam = new Uint8Array(message.length - 1_000 + 500)
    seam.set(message.subarray(0, 500), message.length - 1_000)
    expect(splitter.push(seam).unread.length).toBe(seam.length)
    expect(splitter.isInsideUnread).toBe(true)
    const rest = splitter.push(new Uint8Array([...message.subarray(500, 600), ...bytes(second)]))
    expect([rest.unread.length, splitter.isInsideUnread]).toEqual([100 + second.length, true])
  })

  test("one beyond the bound that is there as a whole is read, and the next with it", () => {
    const message = huge()
    const whole = new Uint8Array(message.length + second.length)
    whole.set(message)
    whole.set(bytes(second), message.length)
    expect(
      awsEventFraming
        .splitter()
        .push(whole)
        .frames.map(({ length }) => length),
    ).toEqual([message.length, second.length])
  })

  test("those before one beyond the bound are read first", () => {
    const message = huge()
    const splitter = awsEventFraming.splitter()
    const chunk = new Uint8Array([...bytes(second), ...message.slice(0, 100)])
    expect(splitter.push(chunk).frames).toEqual([second])
    expect(splitter.isInsideUnread).toBe(false)
    expect(splitter.push(message.slice(100, 200)).unread.length).toBe(200)
    expect(splitter.isInsideUnread).toBe(true)
  })
})
