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
