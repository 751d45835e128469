import { expect, test } from "bun:test"
import { createTimedReader } from "../../../src/transport/timed-reader.ts"

function driven() {
  let source: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => (source = controller) })
  return {
    reader: createTimedReader(body),
    say: (byte: number) => source?.enqueue(new Uint8Array([byte])),
    end: () => source?.close(),
  }
}

test("says silence after the limit, and the chunk that comes later is not lost", async () => {
  const { reader, say, end } = driven()
  expect(await reader.next(5)).toEqual({ type: "silence" })
  const read = reader.next(10_000)
  say(1)
  expect(await read).toEqual({ type: "bytes", bytes: new Uint8Array([1]) })
  end()
  expect(await reader.next(10_000)).toEqual({ type: "end" })
})

test("gives each read the limit that it asks for, the shorter one after a longer one too", async () => {
  const { reader, say } = driven()
  for (const limitMs of [10_000, 5_000]) {
    const read = reader.next(limitMs)
    say(1)
    expect((await read).type).toBe("bytes")
  }
  expect(await reader.next(5)).toEqual({ type: "silence" })
  expect(await reader.next(5)).toEqual({ type: "silence" })
})

test("counts only while somebody waits", async () => {
  const { reader, say } = driven()
  say(1)
  expect((await reader.next(20)).type).toBe("bytes")
  await Bun.sleep(40)
  const read = reader.next(10_000)
  say(2)
  expect(await read).toEqual({ type: "bytes", bytes: new Uint8Array([2]) })
})

test("ends as the body ends, and gives what was thrown", async () => {
  const error = new Error("reset")
  const broken = createTimedReader(new ReadableStream({ start: (controller) => controller.error(error) }))
  expect(await broken.next(10_000)).toEqual({ type: "thrown", error })
})
