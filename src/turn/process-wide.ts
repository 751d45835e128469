/**
 * One value for the whole process, whoever asks: OpenCode may hold several instances of this plugin (one for
 * each project), and a second copy of the package may be loaded.
 *
 * @param name with a version: `sessions@1`. A change of the value's shape needs a new version.
 */
export function processWide<T extends object>(name: string, create: () => T): T {
  const key = Symbol.for(`opencode-understudy/${name}`)
  const existing = Reflect.get(globalThis, key) as T | undefined
  if (existing !== undefined) return existing
  const created = create()
  Reflect.set(globalThis, key, created)
  return created
}
