import { describe, expect, test } from "bun:test"
import packageJson from "../../../../package.json" with { type: "json" }
import { createSelfCheck, missingCalls, supportedVersions } from "../../../../src/opencode/v1/self-check.ts"
import { supportedVersions as supportedVersions2 } from "../../../../src/opencode/v2/host/supported-versions.ts"
import { processWide } from "../../../../src/turn/process-wide.ts"

const check = createSelfCheck

type Finding = "unsupported" | "not caught" | "taken off" | "not taken up"

const findings = new Map<Finding, RegExp>([
  ["unsupported", /is not supported/],
  ["not caught", /^Requests to alpha do not pass/],
  ["taken off", /^Another plugin takes our header off the requests to alpha/],
  ["not taken up", /did not continue/],
])

/** What is said, if anything. */
type Observation = (selfCheck: ReturnType<typeof createSelfCheck>) => unknown

function findingsOf(observations: readonly Observation[]): readonly Finding[] {
  const selfCheck = check()
  const texts = observations.map((observe) => observe(selfCheck)).filter((said) => typeof said === "string")
  return texts.flatMap((text) => [...findings].flatMap(([name, words]) => (words.test(text) ? [name] : [])))
}

const event =
  (type: string, properties: unknown): Observation =>
  (selfCheck) =>
    selfCheck.onEvent({ type, properties }, (sessionID) => sessionID === "escaped")
const version = (value: string): Observation => event("session.created", { info: { version: value } })
const answered = event("message.updated", { info: { providerID: "alpha", tokens: { output: 4 } } })
const idleIn = (sessionID: string): Observation =>
  event("session.status", { sessionID, status: { type: "idle" } })
const marked: Observation = (selfCheck) => selfCheck.onMarked("alpha/one")
const bearing =
  (bears: boolean): Observation =>
  (selfCheck) =>
    selfCheck.onHeaders("alpha", () => bears)
const caught: Observation = (selfCheck) => selfCheck.onCaught("alpha/one")
const switchedIn =
  (sessionID: string): Observation =>
  (selfCheck) =>
    selfCheck.onSwitched(sessionID)
const stepIn =
  (sessionID: string): Observation =>
  (selfCheck) =>
    selfCheck.onStep(sessionID)
const [switched, step, idle] = [switchedIn("one"), stepIn("one"), idleIn("one")]

describe("a host as it was measured", () => {
  test.each([
    ["a supported version", [version("1.18.22"), version("1.18.33"), version("1.99.0")]],
    ["a build from source", [version("0.0.0-dev-202609212252"), version("local")]],
    ["a pre-release of a supported version", [version("1.19.0-beta.2")]],
    ["requests that are caught", [marked, caught, answered, marked, caught, answered, answered]],
    ["a provider whose requests are never marked", [answered, answered, answered]],
    ["one answer outside the loop before the first step is caught", [marked, answered, caught, answered]],
    ["a turn that goes on after a switch", [switched, step, idle]],
    ["Esc right after a switch", [switched, idle, switchedIn("escaped"), idleIn("escaped")]],
    ["Esc between two steps, of which OpenCode does not tell", [switched, idle, switched, step, idle]],
    ["an idle without a switch", [step, idle, idle]],
    ["a switch without a step, once a turn has gone on", [switched, step, idle, switched, idle]],
  ] satisfies readonly [string, readonly Observation[]][])("says nothing: %s", (_, observations) => {
    expect(findingsOf(observations)).toEqual([])
  })
})

test("a turn that goes on says nothing of another session's, and nothing of a host that was refuted", () => {
  const [other, stepOfOther] = [switchedIn("two"), stepIn("two")]
  expect(findingsOf([switched, idle, switched, stepOfOther, idle])).toEqual(["not taken up"])
  const selfCheck = check()
  for (const observe of [other, switched, idle, switched, idle, stepOfOther]) observe(selfCheck)
  expect(selfCheck.mayMark("alpha/one")).toBe(false)
})

test("of very many sessions that switch at once the first ones are waited for", () => {
  const found = (last: number): readonly string[] =>
    findingsOf([
      switched,
      idle,
      ...Array.from({ length: 501 }, (_, number) => switchedIn(`ses_${number}`)),
      idleIn(`ses_${last}`),
    ])
  expect([found(499), found(500)]).toEqual([["not taken up"], []])
})

test("before OpenCode has told its version it is taken for a release", () => {
  expect(check().isUnreleased()).toBe(false)
})

test.each([
  ["1.18.33", false],
  ["0.0.0-dev-202609212252", true],
  ["1.19.0-beta.2", true],
  ["local", true],
])("%s was never a release: %p", (name, isUnreleased) => {
  const selfCheck = check()
  version(name)(selfCheck)
  expect(selfCheck.isUnreleased()).toBe(isUnreleased)
})

describe("a host that has changed", () => {
  test.each([
    ["a version before the range", [version("1.3.2"), version("1.3.2")], ["unsupported"]],
    ["the next major version", [version("2.0.1")], ["unsupported"]],
    ["requests that pass by", [marked, answered, marked, answered, answered], ["not caught"]],
    ["requests whose marker is taken off", [marked, bearing(false), answered, answered], ["taken off"]],
    ["requests that pass by with it", [marked, bearing(true), answered, answered], ["not caught"]],
    ["switches that are not taken up", [switched, idle, switched, idle, switched, idle], ["not taken up"]],
  ] satisfies readonly [string, readonly Observation[], readonly Finding[]][])(
    "is found out once: %s",
    (_, observations, effects) => {
      expect(findingsOf(observations)).toEqual(effects)
    },
  )

  test("a provider that passes by is no longer marked, and the others are", () => {
    const selfCheck = check()
    for (const observe of [marked, answered, marked, answered]) observe(selfCheck)
    expect([selfCheck.mayMark("alpha/one"), selfCheck.mayMark("beta/one")]).toEqual([false, true])
  })

  test.each([
    ["two switches that are not taken up", [switched, idle, switched, idle], false],
    ["a foreign version", [version("2.0.0")], true],
  ] satisfies readonly [string, readonly Observation[], boolean][])(
    "after %s nothing is marked",
    (_, observations, isHostUnsupported) => {
      const selfCheck = check()
      for (const observe of observations) observe(selfCheck)
      expect([selfCheck.mayMark("alpha/one"), selfCheck.isHostUnsupported()]).toEqual([
        false,
        isHostUnsupported,
      ])
    },
  )

  test("a client without the calls that we need is named call by call", () => {
    const none = (): void => undefined
    const session = { prompt: none, promptAsync: none, abort: none, get: none, message: none }
    const whole = { session, config: { providers: none } }
    expect(missingCalls(whole)).toEqual([])
    expect(missingCalls({ ...whole, session: { ...session, prompt: undefined, get: undefined } })).toEqual([
      "session.prompt",
      "session.get",
    ])
    expect(missingCalls(undefined)).toHaveLength(6)
  })
})

describe("an event says something about the host", () => {
  const before = [marked, answered, switched, idle, switched, switchedIn("escaped")]

  test.each([
    ["session.created", { info: { id: "one", version: "2.0.1" } }, "unsupported"],
    ["session.created", { info: { id: "one" } }, undefined],
    ["session.updated", { info: { id: "one", version: "1.2.0" } }, undefined],
    ["session.status", { sessionID: "one", status: { type: "idle" } }, "not taken up"],
    ["session.status", { sessionID: "one", status: { type: "busy" } }, undefined],
    ["session.status", { sessionID: "escaped", status: { type: "idle" } }, undefined],
    ["session.status", { status: { type: "idle" } }, undefined],
    ["message.updated", { info: { providerID: "alpha", tokens: { output: 4 } } }, "not caught"],
    ["message.updated", { info: { providerID: "alpha", tokens: { output: 0 } } }, undefined],
    ["message.updated", { info: { providerID: "alpha", tokens: { output: 4 }, error: {} } }, undefined],
    ["message.updated", { info: { role: "user", tokens: { output: 4 } } }, undefined],
    ["session.error", undefined, undefined],
  ] satisfies readonly [string, unknown, Finding | undefined][])("%s %j", (type, properties, finding) => {
    expect(findingsOf([...before, event(type, properties)])).toEqual(finding ? [finding] : [])
  })
})

test("the range is the part for version 1 of the one that package.json gives to OpenCode", () => {
  expect(packageJson.engines.opencode).toBe(`${supportedVersions} || ${supportedVersions2}`)
})

test("of a second copy of the plugin it says that there are two, and nothing of the provider", () => {
  const copies = processWide("copies@1", () => new Set<unknown>())
  copies.add("another copy")
  try {
    const selfCheck = check()
    marked(selfCheck)
    answered(selfCheck)
    expect(answered(selfCheck)).toMatch(/two copies/)
  } finally {
    copies.delete("another copy")
  }
})
