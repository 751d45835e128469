/** Waits until something another process does in its own time has happened; fails after 5 s. */
export async function eventually(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000
  while (!holds()) {
    if (performance.now() > end) throw new Error("did not become true within 5 s")
    await Bun.sleep(5)
  }
}
