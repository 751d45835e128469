import { expect, test } from "bun:test"
import type { ContextMessage, SlashCommand } from "../../../../src/opencode/v2/host/context.ts"
import { addCommand, connectTui, dropNotes, rpcID } from "../../../../src/opencode/v2/tui-link.ts"

type Handlers = Readonly<Record<string, (input: unknown) => Promise<unknown>>>

/** The server's half, with a terminal that answers or does not. */
async function meet(
  onEmit?: (name: string, data: Readonly<Record<string, string>>, handlers: Handlers) => void,
) {
  const emitted: unknown[] = []
  let handlers: Handlers = {}
  const rpc = {
    register: (definition: unknown, given: Handlers) => {
      handlers = given
      expect(definition).toMatchObject({ id: rpcID })
      return Promise.resolve({
        events: {
          emit: async (name: string, data: unknown) => {
            emitted.push([name, data])
            onEmit?.(name, data as Readonly<Record<string, string>>, handlers)
            if (name === "toast") throw new Error("nobody is there")
          },
        },
      })
    },
  }
  const facts = { own: undefined, chain: [] } as never
  const answers = {
    sidebar: (sessionID: string) => {
      emitted.push(["sidebar", sessionID])
      return Promise.resolve(facts)
    },
    loan: (sessionID: string) => {
      emitted.push(["loan", sessionID])
      return Promise.resolve(null)
    },
  }
  const tui = await connectTui({ rpc }, () => Promise.resolve(answers), 5)
  return { tui, emitted, handlers }
}

test("a toast travels as an event; that nobody is there to see it is no fault", async () => {
  const { tui, emitted } = await meet()
  const toast = { title: "t", message: "m", variant: "info", durationMs: 1 } as const
  await tui.toast(toast)
  expect(emitted).toEqual([["toast", toast]])
})

test("the terminal asks back for its sidebar and for its prompt box", async () => {
  const { handlers, emitted } = await meet()
  // Of a field that is there and undefined OpenCode makes a failure.
  expect(await handlers["sidebar"]?.({ sessionID: "s" })).toStrictEqual({ chain: [] })
  expect(await handlers["loan"]?.({ sessionID: "s" })).toBeNull()
  expect(emitted).toEqual([
    ["sidebar", "s"],
    ["loan", "s"],
  ])
})

test("a reply is shown where a terminal says so", async () => {
  const told: unknown[] = []
  const { tui, emitted } = await meet((name, { replyID }, handlers) => {
    if (name === "reply") void handlers["shown"]?.({ replyID }).then((answer) => told.push(answer))
  })
  expect(await tui.showReply("s", "the text")).toBe(true)
  expect(told).toEqual([true])
  expect(emitted).toMatchObject([["reply", { sessionID: "s", text: "the text" }]])
})

test("and not where none does, or another reply was meant", async () => {
  const { tui } = await meet((_, __, handlers) => void handlers["shown"]?.({ replyID: "another" }))
  expect(await tui.showReply("s", "the text")).toBe(false)
})

test("nor where nobody can be told of it", async () => {
  const { tui } = await meet(() => {
    throw new Error("nobody is there")
  })
  expect(await tui.showReply("s", "the text")).toBe(false)
})

async function run(
  isShown: boolean,
  reply: string,
): Promise<{ readonly name: string; readonly rows: unknown[] }> {
  const added: SlashCommand[] = []
  const rows: unknown[] = []
  const context = {
    command: {
      transform: (change: (commands: { add(command: SlashCommand): void }) => void) => {
        change({ add: (command) => void added.push(command) })
        return Promise.resolve()
      },
    },
    session: { synthetic: (row: unknown) => Promise.resolve(void rows.push(row)) },
  }
  const tui = { toast: () => Promise.resolve(), showReply: () => Promise.resolve(isShown) }
  const command = (sessionID: string, text: string) => Promise.resolve(`${sessionID} ${text}\n${reply}`)
  await addCommand(context as never, tui, () => Promise.resolve({ command }))
  await added[0]?.execute({ sessionID: "s", prompt: { text: "status" } })
  return { name: added[0]?.name ?? "", rows }
}

test("/understudy shows its answer in the terminal alone, where there is one", async () => {
  expect(await run(true, "x")).toEqual({ name: "understudy", rows: [] })
})

test("and elsewhere as one line of the session, which no model is asked about", async () => {
  const { rows } = await run(false, `**bold** and \`code\`\n\n- a row\n  - inside\n${"x".repeat(600)}`)
  expect(rows).toMatchObject([{ sessionID: "s", resume: false }])
  const { description, text } = rows[0] as { description: string; text: string }
  expect(description).toStartWith("s status · bold and code · a row · - inside · xxx")
  expect(description).toHaveLength(500)
  expect(text).not.toBe("")
  expect(text).not.toContain("bold")
})

test("and of that line no model is given anything", async () => {
  const { rows } = await run(false, "x")
  const [row] = rows as { text: string }[]
  const said: ContextMessage = { content: [{ type: "text", text: "hello" } as { type: string }] }
  const both: ContextMessage = {
    content: [{ type: "text", text: row?.text } as { type: string }, { type: "media" }],
  }
  const messages = [{ content: [{ type: "text", text: row?.text }] }, said, both, {}]
  dropNotes({ messages })
  expect(messages).toEqual([said, both, {}])
  dropNotes({})
})
