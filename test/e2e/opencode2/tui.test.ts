/** What people see of us in the terminal interface of OpenCode 2. */
import { describe, expect, test } from "bun:test"
import { after, gate, status, text } from "../../simulator/index.ts"
import { hasTmux } from "../harness/index.ts"
import { hasOpenCode2, startTui2 } from "../harness/opencode2/index.ts"

/** The first Enter takes the command from the list above the prompt, the second runs it. */
const taken = /^(?![^]*\/understudy +Fallback)[^]*\/understudy/

describe.if(hasTmux && hasOpenCode2)("the terminal of OpenCode 2", () => {
  test("shows a switch as a toast, the models' health in the sidebar, and answers /understudy in a dialog", async () => {
    await using tui = await startTui2("alpha/m1", {
      columns: 170,
      understudy: { fallback_models: ["gamma/m1"] },
    })
    tui.simulator.script("alpha/m1", [status(429, { headers: { "retry-after": "600" } })])
    await tui.prompt("hello there")
    await tui.waitForScreen(/Understudy: gamma\/m1/)
    const answered = await tui.waitForScreen(/gamma\/m1 says hello/)
    expect(answered).not.toContain("Plugin failed")
    await tui.waitForScreen(/m1 \(alpha\) +yours/)
    await tui.waitForScreen(/switched: rate limit reached/)
    await tui.type("/understudy")
    await tui.waitForScreen(/\/understudy +Fallbacks: /)
    await tui.press("Enter")
    await tui.waitForScreen(taken)
    await tui.press("Enter")
    await tui.waitForScreen(/Your model: alpha\/m1 – rate limit reached/)
    await tui.press("Enter")
    await tui.prompt("and now")
    await tui.waitForScreen(/and now[^]*gamma\/m1 says hello/)
    // No model was asked for the command.
    const asked = ["alpha/m1", "gamma/m1", "gamma/m1"]
    expect(tui.simulator.requests().map(({ model }) => model)).toEqual(asked)
    await tui.waitForScreen(/m1 \(alpha\) +yours, \d+ min/)
    await tui.prompt("/understudy reset")
    await tui.waitForScreen(/Reset: 1 cooldown/)
    await tui.waitForScreen(/● m1 \(alpha\) +yours *\n/)
  })

  test("answers /understudy before any model was asked, and keeps the user's own model in the prompt box, in a prompt that joins the turn and in a new session", async () => {
    await using tui = await startTui2("alpha/m1", { understudy: { fallback_models: ["gamma/m1"] } })
    await tui.type("/understudy")
    await tui.waitForScreen(/\/understudy +Fallbacks: /)
    await tui.press("Enter")
    await tui.waitForScreen(taken)
    await tui.press("Enter")
    // Which of them are connected is known.
    await tui.waitForScreen(/- gamma\/m1 *\n/)
    expect(tui.simulator.requests()).toEqual([])
    await tui.press("Enter")
    const held = gate()
    tui.simulator.script("alpha/m1", [status(429, { headers: { "retry-after": "600" } })])
    tui.simulator.script("gamma/m1", [after(held, text("the first")), text("the second"), text("the third")])
    await tui.prompt("hello there")
    await tui.waitForScreen(/Continuing with gamma\/m1 · Rate limit[^]*┃ +Build · alpha\/m1 alpha/)
    await tui.prompt("and this")
    const joined = await tui.waitForScreen(/┃ +and this\n[^]*┃ +Build · alpha\/m1 alpha/)
    expect(joined.match(/Switched model/g)).toHaveLength(1)
    await tui.press("C-x", "n")
    await tui.waitForScreen(/Ask anything[^]*┃ +Build · alpha\/m1 alpha/)
    await tui.prompt("another session")
    await tui.waitForScreen(/the second[^]*Switched model to alpha[^]*┃ +Build · alpha\/m1 alpha/)
    held.open()
    expect(tui.simulator.requests("alpha/m1")).toHaveLength(1)
  })

  test("of 40 columns shows the whole toast, and the dialog with its button", async () => {
    await using tui = await startTui2("alpha/m1", {
      columns: 40,
      rows: 20,
      understudy: { fallback_models: ["gamma/m1"] },
    })
    tui.simulator.script("alpha/m1", [status(429, { headers: { "retry-after": "600" } })])
    await tui.prompt("hello there")
    await tui.waitForScreen(/Understudy: gamma\/m1[^]*in about 10 minutes\./)
    await tui.waitForScreen(/gamma\/m1 says hello/)
    await tui.type("/understudy")
    await tui.waitForScreen(/\/understudy +Fallback/)
    await tui.press("Enter")
    await tui.waitForScreen(taken)
    await tui.press("Enter")
    expect(await tui.waitForScreen(/Your model: alpha\/m1/)).toMatch(/ {3}ok\b/)
  })
})
