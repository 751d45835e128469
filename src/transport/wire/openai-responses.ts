import type { WireProtocol } from "./wire-types.ts"

/** Not written yet: matches nothing, so every request goes the reactive way. */
export const openaiResponses: WireProtocol = {
  name: "openai-responses",
  matches: () => false,
  open: () => ({
    finished: false,
    shown: "nothing",
    read: () => ({ type: "forward", content: true }),
    end: () => "",
  }),
}
