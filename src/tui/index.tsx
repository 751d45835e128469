/** @jsxImportSource @opentui/solid */
import type { TuiPluginApi, TuiPluginModule } from "@opencode-ai/plugin/tui"
import { SidebarPanel } from "./panel.tsx"
import { createPanels } from "./panels.ts"

/** Behind "Context" (100) and in front of MCP (200) in the sidebar of OpenCode 1.18.33. */
const order = 150

const plugin: TuiPluginModule = {
  id: "understudy",
  tui: (api: TuiPluginApi, options: unknown) => {
    const panels = createPanels(api, options)
    api.slots.register({
      order,
      slots: {
        sidebar_content: (_context: unknown, props: { readonly session_id: string }) => (
          <SidebarPanel theme={api.theme} sessionID={() => props.session_id} watch={panels.watch} />
        ),
      },
    })
    return Promise.resolve()
  },
}

export default plugin
