/** More of an error body than any provider sends; what is longer is not read. */
const mostBytes = 256 * 1024
const longestMs = 5_000

/**
 * The text of an error response, read from a clone so that the response itself stays untouched for OpenCode.
 * Bounded in size and time; what cannot be read is the empty string.
 */
export async function readFailedResponse(response: Response): Promise<string> {
  const reader = response.clone().body?.getReader()
  if (!reader) return ""
  const decoder = new TextDecoder()
  let text = ""
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), longestMs)
  })
  try {
    while (text.length < mostBytes) {
      const chunk = await Promise.race([reader.read(), deadline])
      if (!chunk || chunk.done) break
      text += decoder.decode(chunk.value, { stream: true })
    }
    return text
  } catch {
    // A body that breaks off: what was read so far is the best there is.
    return text
  } finally {
    clearTimeout(timer)
    reader.cancel().catch(() => undefined)
  }
}
