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
    data: { session, ...more },
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
