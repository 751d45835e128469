export function unsafePatternReason(_source: string): string | undefined {
  return undefined
}
