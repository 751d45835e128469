import type { TuiPluginModule } from "@opencode-ai/plugin/tui"
import { createComponent } from "@opentui/solid"
import { SidebarPanel } from "./panel.ts"
import { createPanels } from "./v1/panels.ts"
import { setupTui } from "./v2/setup.ts"

/** Behind "Context" (100) and in front of MCP (200) in the sidebar of OpenCode 1.18.33. */
const order = 150

/** What OpenCode's terminal interface loads as `opencode-understudy/tui`: version 1 takes `tui`, version 2 `setup`. */
const plugin: TuiPluginModule & { readonly setup: typeof setupTui } = {
  id: "understudy",
  tui: (api, options) => {
    const panels = createPanels(api, options)
    api.slots.register({
      order,
      slots: {
        sidebar_content: (_context, props) =>
          createComponent(SidebarPanel, {
            theme: api.theme,
            sessionID: () => props.session_id,
            watch: panels.watch,
          }),
      },
    })
    return Promise.resolve()
  },
  setup: setupTui,
}

export default plugin
