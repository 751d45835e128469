import { expect, test } from "bun:test"
import { keepOwnInBox } from "../../../../src/tui/v2/prompt-box.ts"

const own = { providerID: "a", id: "1" }
const inUse = { providerID: "b", id: "1" }
const third = { providerID: "c", id: "1" }

type Session = { readonly id: string; readonly title: string; readonly model: object }

/** What the terminal knows of a session on this model, after the server's half has answered. */
async function shown(
  model: object,
  loan: () => Promise<{ own: typeof own; inUse: typeof inUse } | null>,
  more: { readonly meanwhile?: object; readonly session?: undefined } = {},
): Promise<object> {
  let known: Session = { id: "s", title: "t", model }
  const session = {
    get: () => known,
    remember: (info: Session) => void (known = info),
  }
  const context = {
    ui: { router: { current: () => ({ type: "session", sessionID: "s" }) } },
    client: {},
    data: { on: () => undefined, session, ...more },
  }
  keepOwnInBox(context as never, { loan }, (run) => run())
  known = { ...known, model: more.meanwhile ?? known.model }
  await Bun.sleep(0)
  expect(known).toMatchObject({ id: "s", title: "t" })
  return known.model
}

const lent = () => Promise.resolve({ own, inUse })

test("a session on a fallback shows the user's own model", async () => {
  expect(await shown(inUse, lent)).toEqual(own)
})

test("what the user has chosen stays, be it meanwhile", async () => {
  expect(await shown(third, lent)).toEqual(third)
  expect(await shown(inUse, lent, { meanwhile: third })).toEqual(third)
  expect(await shown(inUse, () => Promise.resolve(null))).toEqual(inUse)
})

test("so does what it shows where the server's half does not answer, or the terminal keeps no sessions", async () => {
  expect(await shown(inUse, () => Promise.reject(new Error("off")))).toEqual(inUse)
  expect(await shown(inUse, lent, { session: undefined })).toEqual(inUse)
})

/** A terminal with the session `s`, and what it asks its server for with each prompt. */
async function terminal(model: object) {
  let loan: () => Promise<unknown> = lent
  let known: Session = { id: "s", title: "t", model }
  const selected: ((event: object) => void)[] = []
  const switches: unknown[] = []
  const session = { switchModel: (to: object) => Promise.resolve(void switches.push(to)) }
  const data = {
    on: (_: string, callback: (event: object) => void) => selected.push(callback),
    session: { get: () => known, remember: (info: Session) => void (known = info) },
  }
  const context = { ui: { router: { current: () => ({ type: "session", sessionID: "s" }) } }, data }
  let look = (): void => undefined
  keepOwnInBox({ ...context, client: { session } } as never, { loan: () => loan() as never }, (run) => {
    look = run
    run()
  })
  await Bun.sleep(0)
  return {
    /** It is connected to another server, which has the session on this model. @returns what it shows then */
    reconnects: async (model: object): Promise<object> => {
      known = { ...known, model }
      look()
      await Bun.sleep(0)
      return known.model
    },
    switches,
    answers: (next: typeof loan) => void (loan = next),
    /** The terminal hears of a switch. */
    hears: (to: object): void => {
      for (const callback of selected) callback({ data: { sessionID: "s", model: to } })
      known = { ...known, model: to }
    },
    prompt: (to: object): unknown => session.switchModel({ sessionID: "s", model: to }),
  }
}

test("a prompt that joins a turn on a fallback does not switch the session there and back", async () => {
  const { prompt, switches } = await terminal(inUse)
  await prompt(own)
  expect(switches).toEqual([])
})

test("where the server was killed, the user's own model stays until its successor knows better", async () => {
  const { reconnects, answers } = await terminal(inUse)
  answers(() => Promise.reject(new Error("not yet")))
  expect(await reconnects(inUse)).toEqual(own)
  expect(await reconnects(third)).toEqual(third)
  answers(() => Promise.resolve(null))
  expect(await reconnects(inUse)).toEqual(inUse)
})

test("what has been chosen since is no longer the fallback of before", async () => {
  const { reconnects, answers, hears } = await terminal(inUse)
  hears(inUse)
  answers(() => Promise.reject(new Error("not yet")))
  expect(await reconnects(inUse)).toEqual(inUse)
})

test("a choice switches it, and so does each prompt once the session is back or elsewhere", async () => {
  const { prompt, hears, switches } = await terminal(inUse)
  await prompt(third)
  await prompt({ ...own, variant: "high" })
  expect(switches).toHaveLength(2)
  hears(third)
  await prompt(own)
  hears(own)
  await prompt(own)
  expect(switches).toHaveLength(4)
})

test.each<[string, () => Promise<unknown>]>([
  ["has lent it nothing any longer", () => Promise.resolve(null)],
  ["has lent it for another own model", () => Promise.resolve({ own: third, inUse })],
  ["does not answer", () => Promise.reject(new Error("killed"))],
  ["has no answer to give", () => Promise.resolve(undefined)],
  ["answers in a shape that we do not know", () => Promise.resolve({ lent: true })],
])("so does a prompt where the server, of which nothing was heard, %s", async (_, loan) => {
  const { prompt, answers, switches } = await terminal(inUse)
  answers(loan)
  await prompt(own)
  expect(switches).toHaveLength(1)
})
