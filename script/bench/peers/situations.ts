import {
  type Answer,
  cut,
  reset,
  say,
  status,
  stream,
  text,
  toolCall,
} from "../../../test/simulator/index.ts"
import type { SimulatedOpenCode } from "../../simulated-opencode.ts"
import type { Chain } from "./contestants.ts"

/** One failure, the same for each contestant. */
export type Situation = {
  readonly title: string
  /** What the models answer, in the order of the chain; the last step of each is repeated for ever. */
  answers(opencode: SimulatedOpenCode): readonly (readonly Answer[])[]
  /** The model whose answer the caller should get; `undefined` where all fail. */
  readonly answeredBy: number | undefined
}

export const chain: Chain = ["local/own", "local/second", "local/third"]

export const wanted = "the whole answer"
const answer = [text(wanted)]
const overloaded = [status(529)]

/** Each run of it adds a line. */
export const traceFile = "ran.txt"

export const situations: readonly Situation[] = [
  { title: "429", answers: () => [[status(429)], answer], answeredBy: 1 },
  { title: "529", answers: () => [overloaded, answer], answeredBy: 1 },
  { title: "connection reset", answers: () => [[reset()], answer], answeredBy: 1 },
  {
    title: "cut in the middle of the text",
    answers: () => [[stream(say("half of "), cut())], answer],
    answeredBy: 1,
  },
  {
    title: "529 after a tool",
    answers: ({ tools }) => [[toolCall(...tools.shell(`echo ran >> ${traceFile}`)), ...overloaded], answer],
    answeredBy: 1,
  },
  { title: "two of three fail", answers: () => [overloaded, [status(429)], answer], answeredBy: 2 },
  {
    title: "all fail",
    answers: () => [[status(401)], [status(401)], [status(401)]],
    answeredBy: undefined,
  },
]
