import type { Core } from "../../../failover/assemble.ts"
import type { OwnFaults } from "../../../host/own-fault.ts"
import type { Context } from "../host/context.ts"
import type { OpenCodeHost } from "../host/opencode-host.ts"
import type { Loans } from "./loans.ts"
import type { SetUpCheck } from "./set-up-check.ts"

/** What everything works with that follows a turn on OpenCode 2. */
export type Parts = Core & {
  readonly context: Context
  readonly host: OpenCodeHost
  readonly faults: OwnFaults
  readonly loans: Loans
  readonly setUp: SetUpCheck
}
