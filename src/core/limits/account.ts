/** Who a provider with several keys counts for; one with a single key counts under its id alone. */
export function accountKey(provider: string, fingerprint: string): string {
  return `${provider}#${fingerprint}`
}

export function providerOfAccount(account: string): string {
  return account.split("#", 1)[0] ?? account
}

/** For people: `anthropic`, `anthropic, key 2`. */
export function accountName(limited: { readonly account: string; readonly keyNumber?: number }): string {
  const { account, keyNumber } = limited
  return `${providerOfAccount(account)}${keyNumber === undefined ? "" : `, key ${keyNumber}`}`
}
