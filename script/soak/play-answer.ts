import {
  type Beat,
  begin,
  cut,
  delayed,
  endOfStream,
  errorFrame,
  garbage,
  halfCall,
  pause,
  ping,
  reset,
  say,
  status,
  type Step,
  stream,
  think,
} from "../../test/simulator/index.ts"
import type { Break, Fault, Place, PlannedAnswer } from "./plan-answer.ts"

/** Longer than the limits that the soak sets. Where nobody can take over, it is all that a turn has to wait. */
const silenceMs = 5_000
/** Long enough for OpenCode to have run a tool that was called. */
const afterCallMs = 300

const endings: Readonly<Record<Break, readonly Beat[]>> = {
  reset: [cut()],
  "error frame": [errorFrame()],
  "end without terminator": [endOfStream()],
  silence: [pause(silenceMs), cut()],
}

/** @param beats what the model would say */
export function playAnswer(
  { fault, thinksFirst, isSlow }: PlannedAnswer,
  beats: readonly Beat[],
  shell: string,
): Step {
  if (fault) return playFault(fault, beats, shell)
  const all = thinksFirst ? [think("Let me see. "), ...beats] : beats
  return stream(...(isSlow ? all.flatMap((beat) => [beat, pause(150)]) : all))
}

function playFault(fault: Fault, beats: readonly Beat[], shell: string): Step {
  switch (fault.kind) {
    case "status":
      return playStatus(fault)
    case "no answer":
      return playNothing(fault.how)
    case "broken":
      return stream(...shownBefore(fault.place, beats, shell), ...endings[fault.how])
  }
}

function playStatus({ status: code, retryAfter, body }: Extract<Fault, { kind: "status" }>): Step {
  const headers = {
    ...(retryAfter !== undefined && { "retry-after": retryAfter }),
    ...(body === "html" && { "content-type": "text/html" }),
  }
  if (body === "html") return status(code, { headers, body: "<html>\u0000 busy" })
  if (body === "error") return status(code, { body: { error: { message: "Overloaded", code: 529 } } })
  return status(code, { headers })
}

function playNothing(how: Extract<Fault, { kind: "no answer" }>["how"]): Step {
  switch (how) {
    case "reset":
      return reset()
    case "silence":
      return delayed(silenceMs, reset())
    case "silence after headers":
      return stream(pause(silenceMs), cut())
    case "garbage":
      return garbage()
    case "pings":
      return stream(
        begin(),
        ...Array.from({ length: 100 }, () => [ping(), pause(silenceMs / 100)]).flat(),
        cut(),
      )
  }
}

function shownBefore(place: Place, beats: readonly Beat[], shell: string): readonly Beat[] {
  switch (place) {
    case "mid text":
      return [say("Well, ")]
    case "mid thought":
      return [think("Let me see ")]
    case "in a tool's input":
      return [halfCall(shell)]
    case "after a whole call":
      return [...beats, pause(afterCallMs)]
    case "after everything":
      return beats
  }
}
