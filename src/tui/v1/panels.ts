import type { TuiPluginApi } from "@opencode-ai/plugin/tui"
import type { Catalog } from "../../core/catalog.ts"
import { modelName } from "../../core/model-name.ts"
import { type ModelKey, modelKey } from "../../core/model-ref.ts"
import { sessionFacts } from "../../notify/sidebar-facts.ts"
import { readCatalog } from "../../opencode/v1/host/read-catalog.ts"
import type { Store } from "../../store/store.ts"
import { type Panel, type PanelFacts, panelName } from "../panel-model.ts"
import { afterTimeout, type PanelWatch, watchPanel } from "../panel-watch.ts"

/** Events after which health, the journal or the models in use may be different. */
const telling = [
  "session.status",
  "session.idle",
  "session.error",
  "message.updated",
  "tui.toast.show",
] as const

/**
 * Connects the panels of this terminal to OpenCode's state and events, and to the store.
 *
 * @param ownOptions options in `tui.json`, for those whose `opencode.json` names the plugin by another path
 */
export function createPanels(api: TuiPluginApi, ownOptions: unknown) {
  const watches = new Set<PanelWatch>()

  const log = (level: "info" | "warn" | "error", message: string): void => {
    if (level === "info") return
    // Nowhere is left to report that the log itself cannot be written.
    api.client.app.log({ service: "understudy", level, message: `panel: ${message}` }).catch(() => undefined)
  }
  const report = (error: unknown): void =>
    log("error", error instanceof Error ? (error.stack ?? error.message) : String(error))

  // Not before the first sidebar: the terminal knows its project only when it is up.
  const opened = openOnce(async (): Promise<Store | undefined> => {
    const { directory, worktree } = api.state.path
    const pluginOptions = ownOptions ?? serverOptions(api.state.config)
    const { openPanelStore } = await import("./open-panel-store.ts")
    return openPanelStore({ directory, worktree, pluginOptions, log })
  })

  for (const type of telling)
    api.lifecycle.onDispose(
      api.event.on(type, () => {
        for (const watch of watches) watch.poke()
      }),
    )
  api.lifecycle.onDispose(async () => {
    for (const watch of watches) watch.stop()
    watches.clear()
    const store = await opened.current()
    await store?.close()
  })

  const start = async (sessionID: string, show: (panel: Panel) => void): Promise<PanelWatch | undefined> => {
    const store = await opened.get()
    if (!store) return undefined
    const nameOf = createPanelNames(() => api.state.provider)
    const read = (): PanelFacts => {
      const facts = sessionFacts(store, sessionID)
      // Of a session that was prompted before the plugin was there nothing is on record.
      const own = facts.own ?? lastAsked(api, sessionID)
      return { ...facts, own, inUse: facts.inUse ?? own, nameOf, now: Date.now() }
    }
    return watchPanel({ read, show, report, after: afterTimeout })
  }

  return {
    /** Shows the session's panel as soon as the store is open, and keeps it fresh until the returned function is called. */
    watch: (sessionID: string, show: (panel: Panel) => void): (() => void) => {
      let isWanted = true
      let watch: PanelWatch | undefined
      const begin = async (): Promise<void> => {
        watch = await start(sessionID, show)
        if (!watch) return
        if (isWanted) watches.add(watch)
        else watch.stop()
      }
      begin().catch(report)
      return () => {
        isWanted = false
        if (watch) watches.delete(watch)
        watch?.stop()
      }
    },
  }
}

/**
 * @param providers what the terminal interface knows; the same list as long as nothing has changed
 */
export function createPanelNames(providers: () => readonly unknown[]): (model: ModelKey) => string {
  let known: { readonly of: readonly unknown[]; readonly catalog: Catalog } | undefined
  return (model) => {
    const now = providers()
    if (known?.of !== now) known = { of: now, catalog: readCatalog({ providers: now }) }
    return panelName(model, modelName(known.catalog, model))
  }
}

/** The model of the session's newest user message. */
function lastAsked({ state }: TuiPluginApi, sessionID: string): ModelKey | undefined {
  const last = state.session.messages(sessionID).findLast((message) => message.role === "user")
  return last?.role === "user" ? modelKey(last.model) : undefined
}

/** For what several users share, and what may be possible later where it is not now. */
export function openOnce<Opened>(open: () => Promise<Opened>) {
  let opening: Promise<Opened> | undefined
  return {
    /** Opens it at the first call; where that fails, the next call tries again. */
    get: (): Promise<Opened> =>
      (opening ??= open().catch((error: unknown) => {
        opening = undefined
        throw error
      })),
    /** What has been opened, without opening anything. Why it did not open is known to whom asked for it. */
    current: async (): Promise<Opened | undefined> => opening?.catch(() => undefined),
  }
}

const packageName = "opencode-understudy"

/**
 * Our options in OpenCode's own configuration, where the plugin's server side stands:
 * `"plugin": [["opencode-understudy", { … }]]`. A plugin given by path is ours when its path names us.
 */
export function serverOptions(config: { readonly plugin?: readonly unknown[] | undefined }): unknown {
  for (const entry of config.plugin ?? []) {
    if (!Array.isArray(entry)) continue
    const [spec, options]: readonly unknown[] = entry
    if (typeof spec === "string" && spec.includes(packageName)) return options
  }
  return undefined
}
