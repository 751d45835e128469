import { spawn } from "node:child_process"

/**
 * Has a shell run this once our process has ended, in whatever way: `bun test` calls no exit handlers (1.4.5), and no
 * disposer of a test that has taken too long. @returns calls it off
 */
export function afterOurEnd(command: string, argument: string): () => void {
  // It reads a pipe whose other end is ours, until that is closed. Ctrl+C does not reach a group of its own.
  const shell = spawn("/bin/sh", ["-c", `read -r _; ${command}`, argument], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  })
  shell.unref()
  return () => void shell.kill("SIGKILL")
}
