import { describe, expect, test } from "bun:test"
import { awsEventFraming } from "../../../../src/transport/wire/aws-event-framing.ts"
import { awsMessage } from "../../../../src/transport/wire/aws-event-message.ts"

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
      expect([splitter.rest().length, splitter.restBytes]).toEqual([0, 0])
    }
  })

  test("are passed on as they came, whatever bytes are in them", () => {
    const chunk = bytes("\r\n\r")
    expect(awsEventFraming.splitter().prepare(chunk)).toBe(chunk)
  })

  test("half of one is kept", () => {
    const splitter = awsEventFraming.splitter()
    expect(splitter.push(bytes(second + first.slice(0, 20))).frames).toEqual([second])
    expect(splitter.rest()).toEqual(bytes(first.slice(0, 20)))
  })

  test("a short one goes on at once behind a long one that came in two chunks", () => {
    const splitter = awsEventFraming.splitter()
    splitter.push(bytes(first.slice(0, 20)))
    expect(splitter.push(bytes(first.slice(20))).frames).toEqual([first])
    expect(splitter.push(bytes(second)).frames).toEqual([second])
  })

  test("half of one is kept whatever becomes of its chunk", () => {
    const splitter = awsEventFraming.splitter()
    const chunk = bytes(first.slice(0, 20))
    splitter.push(chunk)
    chunk.fill(0)
    expect(splitter.push(bytes(first.slice(20))).frames).toEqual([first])
  })

  test("tells its length as soon as its prelude has come", () => {
    const splitter = awsEventFraming.splitter()
    const known = Array.from(bytes(first), (byte) => {
      splitter.push(Uint8Array.of(byte))
      return splitter.restBytes
    })
    const [least, length] = [12, first.length]
    const expected = known.map((_, at) => (at < 11 ? least : at < length - 1 ? length : 0))
    expect(known).toEqual(expected)
  })

  test("what is none is kept as the rest: it may be an error in plain JSON", () => {
    const splitter = awsEventFraming.splitter()
    const json = '{"message":"Too many requests"}'
    expect(splitter.push(bytes(json)).frames).toEqual([])
    expect([splitter.rest(), splitter.restBytes]).toEqual([bytes(json), json.length])
    splitter.push(bytes(first))
    expect([splitter.rest(), splitter.restBytes]).toEqual([bytes(json + first), (json + first).length])
  })
})
