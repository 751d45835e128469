import { join } from "node:path"
import type { Home } from "./harness/home.ts"

/** An `on_switch` that keeps what it is told. */
export const tellingCommand = ["/bin/sh", "-c", 'cat >> "$HOME/events"'] as const

/** What the user's command was told of this model, once there are so many events. */
export async function toldEvents(
  { home }: { readonly home: Home },
  about: string,
  count: number,
): Promise<readonly Record<string, unknown>[]> {
  for (;;) {
    const file = Bun.file(join(home.path, "events"))
    const lines = (await file.exists()) ? (await file.text()).trim().split("\n").filter(Boolean) : []
    const found = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ from, to }) => from === about || to === about)
    if (found.length >= count) return found
    await Bun.sleep(20)
  }
}
