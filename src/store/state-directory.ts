import { join } from "node:path"
import type { Environment } from "../config/environment.ts"

/**
 * The folder for what this plugin remembers between runs: `$XDG_STATE_HOME/opencode-understudy`, without it
 * `~/.local/state/opencode-understudy`, on Windows `%LOCALAPPDATA%\opencode-understudy`. A relative
 * `XDG_STATE_HOME` is ignored, as the XDG specification asks.
 */
export function stateDirectory(host: {
  readonly platform: string
  readonly home: string
  readonly env: Environment
}): string {
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: localAppData } = host.env
  if (xdg?.startsWith("/")) return join(xdg, "opencode-understudy")
  if (host.platform === "win32")
    return join(localAppData || join(host.home, "AppData", "Local"), "opencode-understudy")
  return join(host.home, ".local", "state", "opencode-understudy")
}
