import { type Step, text } from "./step.ts"

/** The answers that wait for each model. */
export class Scripts {
  readonly #queues = new Map<string, Step[]>()

  set(model: string, steps: readonly Step[]): void {
    this.#queues.set(model, [...steps])
  }

  /** A `repeat` stays in the queue; a queue that is empty gives the default answer. */
  next(model: string): Step {
    const queue = this.#queues.get(model)
    const step = queue?.[0]
    if (queue === undefined || step === undefined) return text(`${model} says hello`)
    if (typeof step === "function" || step.kind !== "repeat") queue.shift()
    return step
  }
}
