import type { Failure } from "../verdict.ts"
import type { Evidence } from "./evidence.ts"
import { isUncoded } from "./level.ts"

const abortNames = new Set(["aborterror", "messageabortederror", "apiuseraborterror"])
const abortCodes = new Set(["abort_err", "20"])
/** "API error: …", and Node's "RequestAbortedError [AbortError]: …". */
const ahead = String.raw`^(?:(?:(?:api|request|unknown) )?(?:error|failed): |\w+error \[\w+\]: )?`
const abortText = new RegExp(
  String.raw`${ahead}(?:(?:aborterror|messageabortederror|apiuseraborterror)\b|(?:the |this )?(?:operation|request|user|message) (?:was |has been )?aborted\b|aborted\.?$|request aborted)`,
)
/** Providers say so too, of requests that they have dropped: it counts where nothing but words is known. */
const cancelText = new RegExp(
  String.raw`${ahead}(?:(?:the |this )?(?:operation|request|message) (?:was |has been )?cancell?ed(?:[.!]?$|: user\b)|(?:[\w' ]{1,30} )?(?:cancell?ed|aborted|interrupted|stopped) by (?:the )?(?:user|client|caller)\b|(?:permission|tool|command|edit)\b[^\n]{0,200} (?:rejected|declined|denied) by (?:the )?user[.!]?$|(?:the )?user (?:has )?(?:cancell?ed|aborted|interrupted|stopped|rejected)(?: (?:the|this|it|permission)\b|[.,!]|$))`,
)
const timeoutText = /\btimeout\b|\btimed out\b/

/**
 * Somebody ended the request on purpose. Whether that was the user, the host or a broken stream in disguise
 * is known by which signal is aborted, not by these words: the shell decides that before it asks here.
 */
export function findAbort(failure: Failure, { text, levels }: Evidence): string | undefined {
  if ((failure.status ?? 0) >= 400 || timeoutText.test(text)) return undefined
  const { name = "", code = "" } = failure
  if (abortNames.has(name.toLowerCase())) return `aborted: name ${name}`
  if (abortCodes.has(code.toLowerCase())) return `aborted: code ${code}`
  if (levels.some(({ fieldStatus = 0 }) => fieldStatus >= 400)) return undefined
  const isAbort = abortText.test(text) || (code === "" && cancelText.test(text) && isUncoded(levels))
  return isAbort ? "aborted: text" : undefined
}
