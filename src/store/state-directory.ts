import { join, posix, win32 } from "node:path"
import type { User } from "../config/this-user.ts"

/**
 * The folder for what this plugin remembers between runs: `$XDG_STATE_HOME/opencode-understudy`, without it
 * `~/.local/state/opencode-understudy`, on Windows `%LOCALAPPDATA%\opencode-understudy`. A relative
 * `XDG_STATE_HOME` is ignored, as the XDG specification asks.
 */
export function stateDirectory({ platform, home, env }: User): string {
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: localAppData } = env
  const { isAbsolute } = platform === "win32" ? win32 : posix
  if (xdg && isAbsolute(xdg)) return join(xdg, "opencode-understudy")
  if (platform === "win32") return join(localAppData || join(home, "AppData", "Local"), "opencode-understudy")
  return join(home, ".local", "state", "opencode-understudy")
}
