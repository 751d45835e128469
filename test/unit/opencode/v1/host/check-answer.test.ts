import { describe, expect, test } from "bun:test"
import { createOwnFaults } from "../../../../../src/host/own-fault.ts"
import { check } from "../../../../../src/opencode/v1/host/check-answer.ts"

describe("what OpenCode refuses", () => {
  test.each([
    ["an error object", { name: "NotFoundError" }, 'OpenCode refused to do it: {"name":"NotFoundError"}'],
    ["an Error", new Error("no such session"), "OpenCode refused to do it: no such session"],
  ])("is said in its own words: %s", (_, error, message) => {
    expect(() => check("do it", { error })).toThrow(message)
  })

  test("is said in at most 300 characters of them", () => {
    const long = new Error("x".repeat(1_000))
    expect(() => check("do it", { error: long })).toThrow(/: x{300}$/)
  })

  test("because the session is gone is known by its kind, and no fault of ours", () => {
    const refused = (error: unknown): unknown => {
      try {
        return check("do it", { error })
      } catch (thrown) {
        return thrown
      }
    }
    const lines: string[] = []
    const faults = createOwnFaults({ log: (level, message) => void lines.push(`${level}: ${message}`) })
    faults.log(refused({ name: "NotFoundError" }))
    faults.log(refused({ name: "BadRequest" }))
    expect(lines[0]).toBe('info: OpenCode refused to do it: {"name":"NotFoundError"}')
    expect(lines[1]).toStartWith("error: an internal error")
  })

  test("is logged with its message, also where the stack does not hold it", () => {
    const lines: string[] = []
    const faults = createOwnFaults({ log: (_, message) => void lines.push(message) })
    faults.log(Object.assign(new TypeError("no such thing"), { stack: "Error\n    at somewhere" }))
    expect(lines[0]).toEndWith("TypeError: no such thing\nError\n    at somewhere")
    faults.log(new TypeError("no such thing"))
    expect(lines[1]?.match(/no such thing/g)).toHaveLength(1)
  })

  test("is nothing where there is no error", () => {
    expect(() => check("do it", {})).not.toThrow()
  })
})
