import { describeDuration } from "../core/describe-duration.ts"
import { describeTime } from "../core/describe-moment.ts"

const dayMs = 86_400_000

/** `14:32` in the user's time zone; what is a day old or older says how long ago it was. */
export function clockText(at: number, now: number): string {
  if (now - at >= dayMs) return `${describeDuration(Math.floor((now - at) / dayMs) * dayMs)} ago`
  return describeTime(new Date(at))
}
