import type { SoakHost } from "./soak-host.ts"
import type { HostVersion } from "./soak-world.ts"

/** A server that is killed now and then, and started again. */
export class SoakServer implements AsyncDisposable {
  #host: SoakHost
  #starting: Promise<void> = Promise.resolve()
  /** Ascends with each kill. */
  generation = 0

  readonly number: number
  readonly version: HostVersion

  constructor(number: number, version: HostVersion, host: SoakHost) {
    this.number = number
    this.version = version
    this.#host = host
  }

  /** The running host; after a kill, once it is up again. */
  async ready(): Promise<SoakHost> {
    await this.#starting
    return this.#host
  }

  /** Calls to it that it has not answered yet. */
  unanswered(): readonly string[] {
    return this.#host.unanswered()
  }

  async kill(): Promise<void> {
    this.generation += 1
    this.#starting = this.#restart()
    await this.#starting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#starting
    await this.#host[Symbol.asyncDispose]()
  }

  async #restart(): Promise<void> {
    this.#host = await this.#host.killAndRestart()
  }
}
