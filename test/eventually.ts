/**
 * Waits until something another process does in its own time has happened; fails after 20 s.
 *
 * @param everyMs longer where a look keeps that process from its work
 */
export async function eventually(holds: () => boolean | Promise<boolean>, everyMs = 5): Promise<void> {
  const end = performance.now() + 20_000
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("did not become true within 20 s")
    await Bun.sleep(everyMs)
  }
}
