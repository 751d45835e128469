import { expect, test } from "bun:test"
import { openAfter } from "../../../../script/soak/live-session.ts"
import type { SeenTurn } from "../../../../script/soak/seen.ts"
import { failedRequest, good } from "./seen-turn.ts"

const compacted: Partial<SeenTurn> = { plan: { ...good.plan, event: { kind: "compact" } } }
const compaction = { ...failedRequest("a/own"), step: "compaction", fault: undefined }

test.each([
  ["answered", {}, [], true],
  ["failed", { end: { is: "failed", error: "no" } }, [], true],
  ["killed with a session", { end: { is: "killed" } }, [], true],
  ["killed before there was one", { end: { is: "killed" }, session: "" }, [], false],
  ["deleted", { end: { is: "deleted" } }, [], false],
  ["compacted", compacted, [compaction], true],
  ["compacted by a model that failed", compacted, [{ ...compaction, fault: "503" }], false],
  ["killed before it was compacted", { ...compacted, end: { is: "killed" } }, [compaction], false],
] as const)(
  "the session of a turn that was %s: the next turn goes on with it?",
  (_, change, requests, goesOn) => {
    const open = openAfter({ ...good, ...change }, requests)
    expect(open).toEqual(goesOn ? { id: good.session, prompts: good.prompts } : undefined)
  },
)
