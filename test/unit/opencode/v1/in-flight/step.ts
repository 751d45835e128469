import type { ModelKey } from "../../../../../src/core/model-ref.ts"
import type { StepRequest } from "../../../../../src/opencode/v1/in-flight/flight.ts"
import { makeWorld, type World, type WorldOptions } from "../world.ts"

export const own: ModelKey = "a/own"

/** One fallback and no other. */
export const alone: WorldOptions = { settings: { agents: { build: { fallback_models: ["b/1"] } } } }

/** What a provider does with a request. `silence`: nothing, not even headers. */
export type Answer = Response | Error | "silence"

export const ok = (...frames: readonly string[]): Response =>
  new Response(frames.map((frame) => `data: ${frame}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" },
  })
export const delta = (content: string): string =>
  JSON.stringify({ choices: [{ index: 0, delta: { content } }] })
export const finish = (reason: string): string =>
  JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })
export const call = JSON.stringify({
  choices: [
    {
      index: 0,
      delta: {
        tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "bash", arguments: "{}" } }],
      },
    },
  ],
})
export const reset = (): Error => Object.assign(new Error("reset"), { code: "ECONNRESET" })
export const whole = (text: string): Response => ok(delta(text), finish("stop"), "[DONE]")
export const failed = (
  status: number,
  message = "no",
  headers: Readonly<Record<string, string>> = {},
): Response => Response.json({ error: { message } }, { status, headers })

const address = "http://provider/v1/chat/completions"
export const init = { method: "POST", body: '{"stream":true,"messages":[]}' }

/** A request of a step as OpenCode sends it, without the hook that announces it. */
export function request(world: World, model: ModelKey, more: Partial<StepRequest>): Promise<Response> {
  const send = (): Promise<Response> => Promise.reject(new Error("the test answers no request"))
  const usual = { sessionID: "ses_1", messageID: "msg_1", model, isStructured: false, input: address, init }
  return world.inFlight({ ...usual, send, ...more })
}

/** A step as OpenCode takes it: the hook announces it, then the request goes through us. */
export async function step(
  world: World,
  model: ModelKey,
  answers: readonly Answer[],
  more: Partial<StepRequest> = {},
) {
  await world.step("msg_1", model)
  const queue = [...answers]
  const sent: ModelKey[] = []
  /** The signals of the requests: what was given up has an aborted one. */
  const signals: (AbortSignal | null | undefined)[] = []
  const response = await request(world, model, {
    send: (_, { signal } = {}) => {
      sent.push(model)
      signals.push(signal)
      const next = queue.shift()
      if (next === undefined || next === "silence") return new Promise<never>(() => undefined)
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next)
    },
    ...more,
  }).then(
    async (answer) => ({ status: answer.status, text: await textOf(answer), headers: answer.headers }),
    (error: unknown) => ({ error }),
  )
  return { ...response, sent, closed: signals.map((signal) => signal?.aborted === true) }
}

export async function textOf(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (error) {
    return `broken: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
  }
}

/** A turn that has begun on the own model. */
export async function begun(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", own, { variant: "high" })
  return world
}

/** Whether OpenCode's loop goes on after this answer. */
export const isEnded = (answer: object): boolean =>
  JSON.stringify(answer).replaceAll("\\", "").includes('"finish_reason":"tool_calls"')

/** What went wrong in our own code, as the log says it. */
export const ownFaults = (world: World): readonly string[] =>
  world.logs.filter((line) => line.includes("an internal error"))
