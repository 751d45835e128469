import { expect, test } from "bun:test"
import { assembleAccounts, readKeys } from "../../../src/accounts/assemble.ts"
import { defaultSettings } from "../../../src/config/schema.ts"
import type { Toast } from "../../../src/host/host.ts"
import { createIncidents } from "../../../src/notify/incidents.ts"
import type { SwitchEvent } from "../../../src/notify/on-switch.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"

const [one, two] = ["key-one-0123456789", "key-two-0123456789"]
const now = (): number => 1_000_000

test("sessions that change the key together are told by the log, the user's command and one toast for all of them", async () => {
  const logs: string[] = []
  const toasts: Toast[] = []
  const events: SwitchEvent[] = []
  const { accountSend } = assembleAccounts({
    settings: defaultSettings(),
    keys: new Map([["acme", [{ key: two, number: 2 }]]]),
    store: createMemoryStore({ now }),
    host: { log: (_level, text) => void logs.push(text), toast: async (toast) => void toasts.push(toast) },
    incidents: createIncidents(now),
    onSwitch: { notify: (event) => void events.push(event) },
    now,
    random: () => 0,
  })
  const provider = "acme"
  const ask = (sessionID: string): Promise<Response> =>
    accountSend({ sessionID, model: `${provider}/large` }, async (input, init) => {
      const isFirst = new Request(input, init).headers.get("x-api-key") === one
      return new Response("", { status: isFirst ? 401 : 200 })
    })("https://api.example", { headers: { "x-api-key": one } })
  const answers = await Promise.all(["ses_1", "ses_2"].map(ask))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  const message = `${provider}: the first key was rejected, continuing with the second.`
  expect(logs).toEqual([message, message])
  expect(events).toMatchObject(
    ["ses_1", "ses_2"].map((sessionID) => ({
      event: "key_changed",
      sessionID,
      provider,
      fromKey: 1,
      toKey: 2,
    })),
  )
  expect(toasts.map((toast) => toast.message)).toEqual([message])
})

test("a key that cannot be had is named in the log, with the place of its entry where that is known", async () => {
  const logs: string[] = []
  const keys = ["{env:UNDERSTUDY_NO_SUCH_KEY}"]
  const settings = {
    ...defaultSettings(),
    providers: { acme: { keys, allow_fallback: true, ignore_models: [] } },
  }
  const host = { log: (_level: string, text: string) => void logs.push(text), toast: async () => undefined }
  const said =
    "providers.acme.keys[0]: The environment variable UNDERSTUDY_NO_SUCH_KEY is not set. The key is left out."
  for (const place of [undefined, { from: "settings" } as const])
    await readKeys({ settings, host, sources: { origins: async () => [place] } })
  expect(logs).toEqual([said, `Settings: ${said}`])
})
