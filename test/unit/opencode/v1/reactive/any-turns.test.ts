/** What holds of turns on OpenCode 1 whatever happens to them: the reactive way, with OpenCode's run loop played. */
import { afterEach, beforeEach, expect, jest, test } from "bun:test"
import * as fc from "fast-check"
import type { ModelKey } from "../../../../../src/core/model-ref.ts"
import { apiError } from "../world.ts"
import { playOpenCode, playOut, type Said } from "./played-opencode.ts"

beforeEach(() => void jest.useFakeTimers({ now: 1_000_000_000_000 }))
afterEach(() => void jest.useRealTimers())

const own: ModelKey = "a/own"
const unread = { name: "UnknownError", data: { message: "the flux has gone" } }

const answers: Readonly<Record<string, Said>> = {
  well: { finish: "stop" },
  "a tool call": { finish: "tool-calls" },
  "half an answer": { finish: "unknown" },
  "429": { error: apiError(429, "rate limited"), retryMs: 2_000 },
  "429, an hour": { error: apiError(429, "rate limited"), retryMs: 3_600_000 },
  "unread, asked again": { error: unread, retryMs: 2_000 },
  unread: { error: unread },
  "a dead key": { error: apiError(401, "invalid api key") },
  "a refused request": { error: apiError(400, "max_tokens too large") },
}

const said = fc.array(fc.constantFrom(...Object.keys(answers)), { minLength: 1, maxLength: 4 })
const moment = fc.oneof(
  fc.nat({ max: 120 }),
  fc.nat({ max: 700 }),
  fc.constantFrom(2_040, 3_000, 90_000, 4_000_000),
)
const at = <Do extends string>(name: Do) => fc.record({ do: fc.constant(name), atMs: moment })
const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("prompt"),
      atMs: moment,
      model: fc.constantFrom<ModelKey | undefined>(undefined, own, own, "d/1"),
      agent: fc.constantFrom("build", "build", "plan"),
      noReply: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: at("escape") },
  { weight: 1, arbitrary: at("compact") },
  { weight: 1, arbitrary: at("delete") },
  { weight: 1, arbitrary: at("off") },
  { weight: 1, arbitrary: at("on") },
)
const play = fc.record({
  says: fc.record({ "a/own": said, "b/1": said, "c/1": said, "d/1": said }),
  acts: fc.array(act, { maxLength: 4 }),
  cleanupMs: fc.constantFrom(0, 0, 60, 250),
  pluginPrompts: fc.constantFrom(0, 0, 0, 3),
})
type Play = typeof play extends fc.Arbitrary<infer Each> ? Each : never

async function run({ says, acts, cleanupMs, pluginPrompts }: Play) {
  const counts = new Map<ModelKey, number>()
  const answer = (model: ModelKey): Said => {
    const list = says[model as keyof typeof says]
    const count = counts.get(model) ?? 0
    counts.set(model, count + 1)
    const last = list.findLast((each) => each !== "a tool call" && each !== "half an answer") ?? "well"
    return answers[list[count] ?? last] as Said
  }
  const agents = { build: { fallback_models: ["b/1", "c/1"] }, plan: { fallback_models: ["c/1"] } }
  const code = playOpenCode({ answer, cleanupMs, settings: { agents } })
  let left = pluginPrompts
  code.whenIdle(() => {
    if (left-- > 0) void code.prompt({})
  })
  void code.prompt({ model: own })
  for (const one of acts)
    setTimeout(() => {
      if (one.do === "prompt")
        void code.prompt({ agent: one.agent, noReply: one.noReply, ...(one.model && { model: one.model }) })
      if (one.do === "escape") void code.escape()
      if (one.do === "compact") void code.compact()
      if (one.do === "delete") code.remove()
      if (one.do === "off" || one.do === "on")
        code.world.sessions.patch(code.sessionID, { off: one.do === "off" })
    }, one.atMs)
  await playOut()
  return code
}

type Played = Awaited<ReturnType<typeof run>>

const chains: Readonly<Record<string, readonly ModelKey[]>> = { build: ["b/1", "c/1"], plan: ["c/1"] }

/** Why the newest prompt may have ended with an error. */
function mayFail(
  code: Played,
  { model, agent }: { readonly model: ModelKey; readonly agent: string },
  wasOff: boolean,
): boolean {
  const { asked, written } = code
  const last = asked.at(-1)
  if (wasOff || last?.said === answers["unread"] || last?.said === answers["a refused request"]) return true
  // Of a run that OpenCode gives up over what nobody can read, what has joined it is as lost as without us.
  if (code.assistants.at(-1)?.isSummary === true && last?.said === answers["unread, asked again"]) return true
  if (last?.said === answers["unread, asked again"] && last?.model !== [...written.values()].at(-1)?.model)
    return true
  return [model, ...(chains[agent] ?? [])].every((each) =>
    asked.some((one) => one.model === each && ("error" in one.said || one.said.finish === "unknown")),
  )
}

function unanswered(code: Played, wasOff: boolean): string | undefined {
  const owed = [...code.written].findLast(([, { isTaken }]) => isTaken)
  if (!owed || code.isGone() || owed[0] <= code.mayBeEnded()) return undefined
  const [id] = owed
  // OpenCode itself answers no prompt that a `/compact` comes behind, or that a failed one is made up for in.
  const isSwallowed =
    [...code.users.values()].some(({ compacts, id: its }) => compacts?.isOurs === false && its > id) ||
    code.assistants.some((one) => one.isSummary && one.finish === "stop" && one.parentID === id)
  const isAnswered = code.assistants.some(
    (one) => !one.isSummary && one.finish === "stop" && one.parentID >= id,
  )
  if (isSwallowed || isAnswered) return undefined
  const last = code.assistants.at(-1)
  const its = last?.isSummary === true ? code.users.get(last.parentID) : undefined
  // Whoever the compaction began with has failed, or it would not be on its chain.
  const failed = its ? { model: last?.model ?? own, agent: its.agent } : owed[1]
  if (last?.error !== undefined && mayFail(code, failed, wasOff)) return undefined
  return `${owed[0]} is not answered: ${JSON.stringify(last)}`
}

function findings(code: Played, { acts }: Play): readonly string[] {
  const { asked, world, lines, toasts, written, users } = code
  const found: (string | undefined)[] = []
  if (code.isAtWork() && !code.isGone()) found.push("at work for ever")
  found.push(...lines.filter((line) => /internal error|could not be given back/.test(line)))
  found.push(...world.refused)
  found.push(
    unanswered(
      code,
      acts.some((one) => one.do === "off"),
    ),
  )
  for (const { messageID, atMs } of asked.filter(({ isEnded }) => isEnded))
    found.push(`${messageID} was asked for at ${atMs} after Esc`)
  if (!code.isGone()) {
    for (const [id, { model }] of written) {
      const stored = users.get(id)?.model
      if (stored && `${stored.providerID}/${stored.modelID}` !== model)
        found.push(`${id} names ${stored.providerID}/${stored.modelID}`)
    }
    const lent = world.store.session(code.sessionID)?.lent
    if (lent !== undefined) found.push(`${lent} is lent in the store`)
  }
  const journal = world.store.journal({ limit: 100 })
  const switches = journal.filter(({ event }) => event === "switched")
  for (const { from } of switches)
    if (!asked.some(({ model, said }) => model === from && said !== answers["well"]))
      found.push(`${from} was left, and has not failed`)
  for (const { to } of switches)
    if (
      !asked.some(({ model }) => model === to) &&
      code.mayBeEnded() === "" &&
      acts.every((one) => one.do !== "compact") &&
      !code.isGone()
    )
      found.push(`${to} was told, and not asked`)
  const told = toasts.filter((text) => text.includes("Continuing with")).length
  if (told > switches.length) found.push(`${told} toasts for ${switches.length} switches`)
  const isExhausted = journal.some(({ event }) => event === "exhausted")
  for (const [id, { model: its, agent }] of written) {
    const others = asked.filter(
      ({ messageID, model, isSummary }) =>
        messageID === id && !isSummary && ![its, ...(chains[agent] ?? [])].includes(model),
    )
    found.push(...others.map(({ model }) => `${id} was asked of ${model}`))
    const models = asked
      .filter(({ messageID, isSummary }) => messageID === id && !isSummary)
      .map(({ model }) => model)
    const changes = models.filter((model, index) => model !== models[index - 1])
    if (!isExhausted && new Set(changes).size < changes.length)
      found.push(`${id} went back: ${changes.join(" ")}`)
    if (models.length > 24) found.push(`${id} was asked ${models.length} times`)
  }
  return found.filter((each) => each !== undefined)
}

/** The same ones each time; with `RUNS=4000` that many others. */
const runs = Number(process.env["RUNS"] ?? 0)
const howMany = runs > 0 ? { numRuns: runs } : { numRuns: 150, seed: 1 }

test(
  "a turn is answered or fails with its chain, nobody is asked behind Esc, and nothing stays lent",
  () =>
    fc.assert(
      fc.asyncProperty(play, async (given) => expect(findings(await run(given), given)).toEqual([])),
      howMany,
    ),
  600_000,
)
