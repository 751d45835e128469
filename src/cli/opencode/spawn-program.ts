import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"

/** Starts a program. npm's `opencode.cmd`, on Windows, Node starts through a shell alone. */
export function spawnProgram(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return needsShell(file)
    ? spawn(shellLine([file, ...args]), { ...options, shell: true })
    : spawn(file, [...args], options)
}

export function needsShell(file: string): boolean {
  return /\.cmd$/i.test(file)
}

/** Node hands a shell its words as they are: the folder of a user may have a blank in its name. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ")
}
