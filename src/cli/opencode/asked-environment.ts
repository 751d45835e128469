import type { Terminal } from "../terminal/terminal.ts"

/**
 * The environment of an OpenCode that is asked. Before it answers, OpenCode 1 installs what it misses from npm's
 * registry; npm tries one that cannot be reached for a minute and a half (1.18.33). Once is enough here: its next start
 * tries again.
 */
export function askedEnvironment({ env, directory }: Pick<Terminal, "env" | "directory">): NodeJS.ProcessEnv {
  return {
    npm_config_fetch_retries: "0",
    npm_config_fetch_timeout: "15000",
    ...env,
    PWD: directory,
    // Set where we run on the Bun inside OpenCode; OpenCode itself would be a mere Bun with it.
    BUN_BE_BUN: undefined,
  }
}
