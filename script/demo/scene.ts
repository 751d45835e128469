import { cut, pause, say, status, type Step, stream } from "../../test/simulator/index.ts"

/** One failure, played twice: with the plugin and without it. */
export type Scene = {
  readonly title: string
  /** Name of the agent whose primary and chain these are. */
  readonly agent: string
  readonly primary: string
  readonly fallback: string
  readonly prompt: string
  /** What the primary does, each time it is asked. */
  readonly failure: Step
  /** The same in a few words. */
  readonly failureText: string
  readonly answer: Step
  /** The whole text that the user must have in the end. */
  readonly wanted: string
}

/** Words come a little apart, as a provider sends them. */
const speak = (text: string): Step =>
  stream(...text.split(/(?<= )/).flatMap((word) => [say(word), pause(15)]))

export const scenes: readonly Scene[] = [
  {
    title: "The rate limit is reached: 429, retry-after one hour",
    agent: "build",
    primary: "anthropic/claude-opus-4-5",
    fallback: "openai/gpt-5.2",
    prompt: "What is six times seven?",
    failure: status(429, { headers: { "retry-after": "3600" } }),
    failureText: "429, retry-after 3600",
    answer: speak("Six times seven is 42."),
    wanted: "Six times seven is 42.",
  },
  {
    title: "Anthropic is overloaded: 529, the fallback speaks another protocol",
    agent: "review",
    primary: "anthropic/claude-sonnet-4-5",
    fallback: "local/qwen3",
    prompt: "Is this function pure?",
    failure: status(529),
    failureText: "529",
    answer: speak("Yes: same input, same output."),
    wanted: "Yes: same input, same output.",
  },
  {
    title: "The connection breaks in the middle of the answer",
    agent: "plan",
    primary: "google/gemini-3.1-pro-preview",
    fallback: "anthropic/claude-haiku-4-5",
    prompt: "Name the two largest moons.",
    failure: stream(say("The two largest "), pause(30), cut()),
    failureText: "200, then the connection breaks",
    answer: speak("moons are Ganymede and Titan."),
    wanted: "The two largest moons are Ganymede and Titan.",
  },
]
