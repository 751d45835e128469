/** Sixteen hexadecimal digits that stand for a key wherever the key itself must not stand. */
export function fingerprintOf(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key).digest("hex").slice(0, 16)
}
