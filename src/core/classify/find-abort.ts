import type { Failure } from "../verdict.ts"

const abortNames = new Set(["aborterror", "messageabortederror", "apiuseraborterror"])
const abortCodes = new Set(["abort_err", "20"])
const abortText =
  /^(?:error: )?(?:(?:aborterror|messageabortederror|apiuseraborterror)\b|(?:the |this )?(?:operation|request|user|message) (?:was |has been )?aborted\b|aborted\.?$|request aborted)/
const timeoutText = /\btimeout\b|\btimed out\b/

/**
 * Somebody ended the request on purpose. Whether that was the user, the host or a broken stream in disguise
 * is known by which signal is aborted, not by these words: the shell decides that before it asks here.
 */
export function findAbort(failure: Failure, text: string): string | undefined {
  if ((failure.status ?? 0) >= 400 || timeoutText.test(text)) return undefined
  const name = failure.name?.toLowerCase()
  if (name !== undefined && abortNames.has(name)) return `aborted: name ${failure.name}`
  const code = failure.code?.toLowerCase()
  if (code !== undefined && abortCodes.has(code)) return `aborted: code ${failure.code}`
  return abortText.test(text) ? "aborted: text" : undefined
}
