import { withinTime } from "../../async/within-time.ts"
import { commandDescription, commandName } from "../../command/command-entry.ts"
import { text } from "../../core/json-object.ts"
import type { Toast } from "../../host/host.ts"
import type { SidebarFacts } from "../../notify/sidebar-facts.ts"
import type { Context, ContextEvent, ContextMessage } from "./host/context.ts"
import type { Loan } from "./lending/stored-loan.ts"

/** What people may ask. */
export type Answers = {
  /** Carries out `/understudy` for a session and gives its answer as Markdown. */
  readonly command: (sessionID: string, argumentsText: string) => Promise<string>
  readonly sidebar: (sessionID: string) => Promise<SidebarFacts>
  /** `null`: the session stands where its user has put it. */
  readonly loan: (sessionID: string) => Promise<Loan | null>
}

export type TuiLink = Awaited<ReturnType<typeof connectTui>>

/** The name under which both halves of the plugin know each other. */
export const rpcID = "understudy"

/** Both sides are ours: nothing needs to be checked. */
const anything = {
  "~standard": {
    version: 1,
    vendor: "understudy",
    validate: (value: unknown): { readonly value: unknown } => ({ value }),
  },
} as const

const definition = {
  id: rpcID,
  methods: {
    sidebar: { input: anything, output: anything },
    loan: { input: anything, output: anything },
    shown: { input: anything, output: anything },
  },
  events: { toast: { schema: anything }, reply: { schema: anything } },
} as const

/** How long a terminal may take to say that it shows a reply. Milliseconds. */
const longestReplyMs = 1_000

/**
 * OpenCode 2 gives the server's half of a plugin no screen: toasts and replies travel as events to the terminal's
 * half, which asks back for the sidebar and the prompt box.
 */
export async function connectTui(
  { rpc }: Pick<Context, "rpc">,
  answers: () => Promise<Pick<Answers, "sidebar" | "loan">>,
  waitMs = longestReplyMs,
) {
  const waiting = new Map<string, () => void>()
  const registered = await rpc.register(definition, {
    sidebar: async (input) => plain(await (await answers()).sidebar(textIn(input, "sessionID"))),
    loan: async (input) => plain(await (await answers()).loan(textIn(input, "sessionID"))),
    shown: (input) => {
      waiting.get(textIn(input, "replyID"))?.()
      return Promise.resolve(true)
    },
  })
  return {
    // Nobody may be there to see it.
    toast: (toast: Toast): Promise<void> => registered.events.emit("toast", toast).catch(() => undefined),
    /** Whether a terminal that has this session open has shown the text. */
    showReply: async (sessionID: string, text: string): Promise<boolean> => {
      const replyID = crypto.randomUUID()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      waiting.set(replyID, () => resolve(true))
      registered.events.emit("reply", { replyID, sessionID, text }).catch(() => resolve(false))
      const isShown = await withinTime(promise, waitMs)
      waiting.delete(replyID)
      return isShown === true
    },
  }
}

/**
 * `/understudy`, without a request to a model. The terminal shows the answer in a dialog; for clients without our
 * half it becomes one line in the session.
 */
export async function addCommand(
  { command, session }: Pick<Context, "command" | "session">,
  { showReply }: TuiLink,
  answers: () => Promise<Pick<Answers, "command">>,
): Promise<void> {
  await command.transform((commands) =>
    commands.add({
      name: commandName,
      description: commandDescription,
      execute: async ({ sessionID, prompt }) => {
        const reply = await (await answers()).command(sessionID, prompt.text)
        if (await showReply(sessionID, reply)) return
        await session.synthetic({
          sessionID,
          description: inOneLine(reply),
          text: noteToModel,
          resume: false,
        })
      },
    }),
  )
}

/** Without a text there is no row. Where `dropNotes` does not reach, such as a compaction, a model reads it. */
const noteToModel = "(The user looked at the settings of a plugin. There is nothing to do about it.)"

/** Two messages of the user in a row are refused by templates of local models, for the rest of the session. */
export function dropNotes({ messages = [] }: Pick<ContextEvent, "messages">): void {
  const isNote = ({ content = [] }: ContextMessage): boolean =>
    content.length === 1 && text(content[0], "text") === noteToModel
  messages.splice(0, messages.length, ...messages.filter((message) => !isNote(message)))
}

/** Characters: a row of a session. */
const longestLine = 500

function inOneLine(markdown: string): string {
  return markdown
    .replaceAll(/[*`]/g, "")
    .split("\n")
    .map((line) => line.replace(/^- /, "").trim())
    .filter((line) => line !== "")
    .join(" · ")
    .slice(0, longestLine)
}

/** OpenCode hands over nothing in which a field is `undefined` (2.0.15). */
function plain(value: object | null): unknown {
  return JSON.parse(JSON.stringify(value))
}

function textIn(input: unknown, key: string): string {
  return String(Reflect.get(Object(input), key))
}
