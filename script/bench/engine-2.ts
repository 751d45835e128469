import { createEngine } from "../../src/opencode/v2/engine.ts"
import type { Context } from "../../src/opencode/v2/host/context.ts"
import type { OpenCodeHost } from "../../src/opencode/v2/host/opencode-host.ts"
import type { Store } from "../../src/store/store.ts"
import { type BenchEngine, benchSettings, plainFetch, readAll, stepRequest } from "./bench-engine.ts"

const model = { providerID: "bench", id: "bench" }

const host: OpenCodeHost = {
  catalog: () => Promise.resolve({ known: false }),
  toast: () => Promise.resolve(),
  log: () => undefined,
  isUp: () => undefined,
  listing: (_, answer) => answer(),
  forgetCatalog: () => undefined,
  noteWithoutPdf: () => undefined,
  configure: () => undefined,
  flushed: () => Promise.resolve(),
}

/** What a healthy turn asks of OpenCode. */
const context = {
  location: { directory: "/" },
  session: { get: ({ sessionID }: { sessionID: string }) => Promise.resolve({ id: sessionID, model }) },
  storage: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
} as unknown as Context

/** The one of OpenCode 2, whose hooks stand around each request; `fetch` is left alone. */
export async function openEngine2(store: Store): Promise<BenchEngine> {
  const { hooks, onEvent, dispose } = await createEngine({
    context,
    loaded: benchSettings(),
    host,
    overrides: { store },
  })
  let messages = 0
  const begin: BenchEngine["begin"] = (sessionID) =>
    hooks.prompt({ sessionID, messageID: `msg_${(messages += 1)}`, prompt: {} })
  const send: BenchEngine["send"] = async (sessionID, url) => {
    const step = { sessionID, agent: "build", model, kind: "primary" } as const
    await hooks.context({ ...step, options: {} })
    await hooks["model.request"](step)
    const request = { ...step, request: new Request(url, stepRequest()) }
    await hooks["http.request"](request)
    const response = await fetch(request.request)
    const answer = { ...request, response }
    await hooks["http.response"](answer)
    if (answer.response === response) throw new Error("the answer is not watched")
    return answer.response
  }
  return {
    begin,
    plain: (url) => plainFetch(new Request(url, stepRequest())),
    send,
    turn: async (sessionID, url) => {
      const event = (type: string, data: object = {}): Promise<void> =>
        onEvent({ type, data: { sessionID, ...data } })
      await begin(sessionID)
      await event("session.execution.started")
      const assistantMessageID = `msg_${messages}b`
      const answer = await send(sessionID, url)
      await event("session.step.started", { assistantMessageID, model })
      await readAll(answer)
      await event("session.step.ended", { assistantMessageID, tokens: { input: 10, output: 5 } })
      await event("session.execution.succeeded")
    },
    dispose,
  }
}
