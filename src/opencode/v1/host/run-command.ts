import type { PluginInput } from "@opencode-ai/plugin"
import { field } from "../../../core/json-object.ts"

const ending = "opencode run ends without an answer."

/** `opencode run …`: the server lives in that very process, which is over with its turn. */
export function createRunCommand(client: Pick<PluginInput["client"], "session">) {
  let isOver = false

  /** Nobody shows toasts there, and standard output belongs to the answer. @returns whether that is so */
  const tell = (message: string): boolean => {
    if (!untoasted.has(commandIn(process.argv))) return false
    if (!isOver) process.stderr.write(`understudy: ${message}\n`)
    return true
  }

  return {
    tell,
    /** The session's turn is about to end, to be taken up again: nobody waits for that here. */
    willEnd: async (sessionID: string): Promise<void> => {
      if (!isRunCommand(process.argv)) return
      const { data } = await client.session.get({ path: { id: sessionID } })
      // A subagent's turn is not the command's.
      if (field(data, "parentID") !== undefined) return
      tell(ending)
      isOver = true
      process.exitCode = 1
    },
  }
}

/** Those in whose process a turn may run. Before one of them stand options and their values. */
const commands: ReadonlySet<string> = new Set(["acp", "github", "pr", "run", "serve", "web"])

function commandIn(argv: readonly string[]): string | undefined {
  return argv.slice(2).find((argument) => commands.has(argument))
}

/** `github run` too, whose output is the log of the action. */
const untoasted: ReadonlySet<string | undefined> = new Set(["run", "github"])

export function isRunCommand(argv: readonly string[]): boolean {
  return commandIn(argv) === "run"
}
