/** So many that each is searched in no time. */
export const buckets = 64

/** Where a key stands in a list of the packed index. */
export function bucketOf(key: string): number {
  return key.charCodeAt(0) % buckets
}
