/** Who a provider counts for: its id alone, with several keys `#` and the key's fingerprint behind it. */
export function accountKey(provider: string, fingerprint?: string): string {
  return fingerprint === undefined ? provider : `${provider}#${fingerprint}`
}

export function providerOfAccount(account: string): string {
  return account.split("#", 1)[0] ?? account
}

/** For people: `anthropic`, `anthropic, key 2`. */
export function accountName(limited: { readonly account: string; readonly keyNumber?: number }): string {
  const { account, keyNumber } = limited
  return `${providerOfAccount(account)}${keyNumber === undefined ? "" : `, key ${keyNumber}`}`
}
