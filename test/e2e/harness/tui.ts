import { join } from "node:path"
import { closedPort } from "../../simulator/index.ts"
import { type Api, makeApi } from "./api.ts"
import { ownGroup } from "./child-process.ts"
import type { HostOptions } from "./host-options.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import { makeWorkplace, type Workplace } from "./workplace.ts"

/** A busy machine has been seen to take 11 s. Milliseconds. */
const startLimitMs = 120_000

/** For `test.if(hasTmux)`: scenarios of the terminal interface need it. */
export const hasTmux: boolean = Bun.which("tmux") !== null

/** Each look is a process of tmux. */
const POLL_MS = 150

/** OpenCode's terminal interface in a detached tmux session. */
export interface Tui extends Terminal {
  /** The interface's own server: its sessions, for looking behind the screen. */
  readonly api: Api
}

/** A terminal with whichever OpenCode in it. */
export interface Terminal extends Workplace {
  /** Types text as it is. */
  type(text: string): Promise<void>
  /** Presses keys by their tmux names: `Enter`, `Escape`, `C-x`, `Tab` … */
  press(...keys: readonly string[]): Promise<void>
  /** Types a prompt and sends it. */
  prompt(text: string): Promise<void>
  /** What the terminal shows now, without colours. */
  screen(): Promise<string>
  /** The first screen that matches; rejects with the last screen after `timeoutMs` (default 100,000). */
  waitForScreen(pattern: RegExp, timeoutMs?: number): Promise<string>
}

export interface TuiOptions extends HostOptions {
  /** Default 160; the sidebar shows from about 120. */
  readonly columns?: number
  /** Default 45. */
  readonly rows?: number
  /** Arguments of `opencode`, such as `["--model", "alpha/two"]`. */
  readonly args?: readonly string[]
}

/** OpenCode 1. Resolves when the prompt box is there. */
export async function startTui(options: TuiOptions = {}): Promise<Tui> {
  const port = await closedPort()
  const command = [opencodeBinary(), "--port", String(port), ...(options.args ?? [])]
  const terminal = await openTerminal(options, command, /Ask anything/)
  return { ...terminal, api: makeApi(`http://127.0.0.1:${port}`) }
}

/** Resolves when `ready` is on the screen. */
export async function openTerminal(
  options: TuiOptions,
  opencode: readonly string[],
  ready: RegExp,
): Promise<Terminal> {
  await using cleanup = new AsyncDisposableStack()
  const workplace = cleanup.use(await makeWorkplace(options))
  const { home } = workplace
  // A tmux server of its own: its environment and options are not those of the developer's tmux.
  const tmux = (...args: readonly string[]): Promise<string> =>
    output(["tmux", "-S", join(home.path, "tmux.sock"), "-f", "/dev/null", ...args], home.project)
  const { TERM: _terminal, ...environment } = home.environment
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const size = ["-x", String(options.columns ?? 160), "-y", String(options.rows ?? 45)]
  const command = ["env", "-i", "TERM=screen-256color", ...variables, ...opencode]
  await tmux("new-session", "-d", "-s", "tui", ...size, "-c", home.project, ...command)
  const pid = Number(await tmux("list-panes", "-t", "tui", "-F", "#{pane_pid}"))
  // The server of tmux ends with what it shows.
  cleanup.defer(ownGroup(pid))

  const screen = (): Promise<string> => tmux("capture-pane", "-p", "-t", "tui")
  const waitForScreen: Terminal["waitForScreen"] = async (pattern, timeoutMs = 100_000) => {
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const shown = await screen()
      if (pattern.test(shown)) return shown
      if (performance.now() > deadlineMs)
        throw new Error(`${String(pattern)} never showed. The screen:\n${shown}`)
      await Bun.sleep(POLL_MS)
    }
  }
  const type: Terminal["type"] = async (text) => {
    await tmux("send-keys", "-t", "tui", "-l", "--", text)
  }
  const press: Terminal["press"] = async (...keys) => {
    await tmux("send-keys", "-t", "tui", ...keys)
  }
  await waitForScreen(ready, startLimitMs)
  const kept = cleanup.move()
  return {
    ...workplace,
    type,
    press,
    prompt: async (text) => {
      await type(text)
      // Keys that arrive in one read count as a paste: Enter would then be a line break of the prompt.
      const typed = RegExp.escape(text.slice(-20))
      // A command is taken from the list that opens above the prompt: before it is there Enter is lost.
      await waitForScreen(new RegExp(/^\/\w+$/.test(text) ? `${typed}[^]*${typed}` : typed))
      await press("Enter")
    },
    screen,
    waitForScreen,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function output(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdout: "pipe", stderr: "pipe" })
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}: ${stderr}`)
  return stdout
}
