import * as fc from "fast-check"
import type { SettingsInput } from "../../../src/config/schema.ts"

export type Runtime = NonNullable<SettingsInput["runtime_fallback"]>

/** Settings under which a turn goes other ways. */
export const anyRuntime = fc.constantFrom<Runtime>(
  {},
  { when_exhausted: "wait", max_wait_seconds: 60 },
  { patience_seconds: 20 },
  { restore_primary: "next_message" },
)
