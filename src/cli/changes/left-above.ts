import { contentVariable } from "../../config/settings-places.ts"
import { expectWritable, type FileChange } from "./file-change.ts"

/**
 * What cannot be done with a file that is not the user's own is left and noted, and keeps no other from being changed.
 *
 * @param isOwn of what an error is one
 */
export function leftAbove(isOwn: (path: string) => boolean) {
  const left: string[] = []
  async function unlessLeft<Value>(path: string, use: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await use()
    } catch (error) {
      if (isOwn(path)) throw error
      left.push(
        `Left as it is: ${path}, above the project, cannot be read or written. If it names opencode-understudy, mend it and run this again.`,
      )
      return undefined
    }
  }
  async function writable(changes: readonly FileChange[]): Promise<readonly FileChange[]> {
    const checked = changes.map(async (change) =>
      isOwn(change.path) || change.path === contentVariable
        ? change
        : unlessLeft(change.path, async () => {
            await expectWritable(change)
            return change
          }),
    )
    return (await Promise.all(checked)).filter((change) => change !== undefined)
  }
  return { left, unlessLeft, writable }
}
