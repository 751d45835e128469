/** `opencode run`: a process of its own for each turn, so that what differs between failures is shown on servers. */
import { describe, expect, test } from "bun:test"
import { errorFrame, status, stream, text, textThenError } from "../../simulator/index.ts"
import { record, string } from "../../simulator/protocol/json.ts"
import { makeWorkplace } from "../harness/index.ts"
import { hasOpenCode2 } from "../harness/opencode2/index.ts"
import { runOpenCode2 } from "../harness/opencode2/run.ts"
import { runOpencode } from "../harness/run.ts"
import { asked } from "../in-flight/unnoticed.ts"

const models = ["alpha/one", "gamma/one", "beta/one"] as const
const [own, second, third] = models

/** No more than is needed: each of these processes reads it. */
const options = {
  providers: {},
  understudy: { fallback_models: [second, third] },
} as const

const versions: readonly (readonly [string, typeof runOpencode])[] = [
  ["OpenCode 1", runOpencode],
  ...(hasOpenCode2 ? [["OpenCode 2", runOpenCode2] as const] : []),
]

describe.each(versions)("opencode run of %s", (_, run) => {
  test("a 429: prints the fallback's answer, exits 0, and version 1 says it in one line", async () => {
    await using place = await makeWorkplace(options)
    place.simulator.always(own, status(429))
    const result = await run(place.home, ["hello"])
    expect(result).toMatchObject({ exitCode: 0, timedOut: false })
    expect(result.stdout.trim()).toBe(`${second} says hello`)
    expect(asked(place, ...models)).toEqual([1, 1, 0])
    const told = result.stderr.split("\n").filter((line) => line.startsWith("understudy: "))
    const line = `understudy: ${own}: rate limit reached. Continuing with ${second}. ${own} is back in about `
    expect(told.map((each) => each.replace(/\d+ \w+\.$/, ""))).toEqual(run === runOpencode ? [line] : [])
  })

  // Of version 1 alone, which puts words with a blank into quotation marks.
  test.if(run === runOpencode)("--command understudy takes the words, and prints the answer", async () => {
    await using place = await makeWorkplace(options)
    const { stdout } = await run(place.home, [`hold ${own}`], { args: ["--command", "understudy"] })
    expect(stdout).toContain(`${own} is held out of use`)
    expect(asked(place, ...models)).toEqual([0, 0, 0])
  })

  test.if(run === runOpencode)(
    "--format json gives what was shown and its continuation as events, and exits with 0",
    async () => {
      await using place = await makeWorkplace(options)
      // Not a reset: nobody can see from outside when `run` has read the text, and a reset may overtake it.
      place.simulator.script(own, [textThenError("Once upon a ")])
      place.simulator.script(second, [text("time.")])
      const { stdout, exitCode } = await run(place.home, ["hello"], { format: "json" })
      const events = stdout
        .trim()
        .split("\n")
        .map((line) => record(JSON.parse(line)))
      expect(events.map(({ type }) => type)).not.toContain("error")
      const texts = events.filter(({ type }) => type === "text").map(({ part }) => record(part)["text"])
      expect(texts.map((said) => string(said).trim())).toEqual(["Once upon a", "time."])
      expect(exitCode).toBe(0)
    },
  )

  test("all fail in the stream: it says why and exits 1", async () => {
    await using place = await makeWorkplace(options)
    const dead = { type: "authentication_error", code: "invalid_api_key", message: "a dead key" }
    for (const model of models) place.simulator.always(model, stream(errorFrame(dead)))
    const result = await run(place.home, ["hello"])
    expect(result).toMatchObject({ exitCode: 1, timedOut: false })
    for (const model of models) expect(result.stderr).toContain(`${model}: key was rejected`)
    expect(result.stderr).not.toContain("a dead key")
    expect(asked(place, ...models)).toEqual([1, 1, 1])
  })
})
