/** Who a provider counts for: its id alone, with several keys the key's fingerprint behind it. */
export type Account = { readonly provider: string; readonly fingerprint?: string }

export function accountKey({ provider, fingerprint }: Account): string {
  return fingerprint === undefined ? provider : `${provider}#${fingerprint}`
}

export function accountOf(key: string): Account {
  const at = key.lastIndexOf("#")
  return at <= 0 ? { provider: key } : { provider: key.slice(0, at), fingerprint: key.slice(at + 1) }
}
