/** OpenCode's HTTP API, plain: the tests look at what any client sees. */
export interface Api {
  get(path: string): Promise<unknown>
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>
  request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<unknown>
  /** Calls that OpenCode has not answered yet. */
  unanswered(): readonly string[]
}

/**
 * A status that is not 2xx rejects with method, path, status and the start of the body.
 *
 * @param over aborted when nobody answers any more: a call that a killed server was about to answer may never end by
 *   itself (Bun 1.4.5)
 */
export function makeApi(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  over: AbortSignal = new AbortController().signal,
): Api {
  const underWay = new Set<{ readonly call: string }>()
  const request: Api["request"] = async (method, path, body, signal) => {
    const one = { call: `${method} ${path}` }
    underWay.add(one)
    try {
      return await answerOf(method, path, body, signal)
    } finally {
      underWay.delete(one)
    }
  }
  const answerOf: Api["request"] = async (method, path, body, signal) => {
    const response = await fetch(url + path, {
      method,
      // A connection that is kept may be closed by OpenCode in the moment in which it is used again (2.0.15, after 5 s).
      keepalive: false,
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? over : AbortSignal.any([signal, over]),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 800)}`)
    return text === "" ? undefined : (JSON.parse(text) as unknown)
  }
  return {
    request,
    get: (path) => request("GET", path),
    post: (path, body, signal) => request("POST", path, body, signal),
    unanswered: () => [...underWay].map(({ call }) => call),
  }
}
