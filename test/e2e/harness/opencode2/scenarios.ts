import { test } from "bun:test"
import type { HostOptions } from "../host-options.ts"
import { type ScenarioOf, scenariosOn, sharedHosts } from "../scenarios.ts"
import { findOpenCode2 } from "./find-binary.ts"
import { type Host2, startHost2 } from "./host.ts"

const opencode2 = await findOpenCode2()

/** For `test.if(hasOpenCode2)`: scenarios that start hosts of their own. */
export const hasOpenCode2: boolean = opencode2.found

if (!opencode2.found) console.warn(`Tests of OpenCode 2 are left out: ${opencode2.why}`)

const hosts = sharedHosts(startHost2)

/** Scenarios on an OpenCode 2, shared like those of `scenarios`; left out where there is none. */
export function scenarios2(options: HostOptions = {}): ScenarioOf<Host2> {
  if (!opencode2.found) return (title) => test.skip(`${title} (no OpenCode 2: ${opencode2.why})`, () => {})
  return scenariosOn(hosts(options), test)
}
