import { sourceText } from "../../config/format-problem.ts"
import { readDocument } from "../../config/json-document.ts"
import { asObject, isObject } from "../../core/json-object.ts"
import { findWritten } from "../../config/find-written.ts"
import { quietReader } from "../../config/quiet-reader.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { pathText, type SettingsPath } from "../../config/settings-problem.ts"
import type { OwnSettings } from "../load-own-settings.ts"
import { isOurs } from "../opencode/plugin-entries.ts"

/** One written name of a model, with the place where it stands. */
export type WrittenModel = {
  readonly text: string
  /** The reasoning variant that is written with it. */
  readonly variant?: string
  readonly where: string
}

/** One list of models as the user wrote it, before anything was merged or dropped. */
export type RawList = {
  readonly where: string
  readonly path: SettingsPath
  readonly models: readonly WrittenModel[]
}

type Locate = (path: SettingsPath) => string | Promise<string>

/** Every `fallback_models` and `model` in every source: our files, the plugin's options, the agents. */
export async function rawLists(own: OwnSettings): Promise<readonly RawList[]> {
  const files = await Promise.all(own.files.map(listsOfFile))
  const options = own.plugins.find(isOurs)?.options
  const find = findWritten({ places: own.places, options, read: quietReader(readTextFile) })
  const inOptions: Locate = async (path) => {
    const source = await find({ from: "plugin options" }, path)
    return source.from === "file" ? sourceText(source) : `plugin options, ${pathText(path)}`
  }
  const onAgents: Locate = async (path) => {
    const source = await find({ from: "agent", agent: String(path[1]) }, path)
    return source.from === "file"
      ? sourceText(source)
      : `opencode config, ${pathText(["agent", ...path.slice(1)])}`
  }
  return [
    ...files.flat(),
    ...(await listsIn(options, inOptions)),
    ...(await listsIn({ agents: own.agentSettings.agents }, onAgents)),
  ]
}

async function listsOfFile(file: string): Promise<readonly RawList[]> {
  const document = await readDocument(file, readTextFile).catch(() => undefined)
  return listsIn(document?.value, (path) => {
    const at = document?.locate(path, "value")
    return at === undefined ? file : sourceText({ from: "file", file, ...at })
  })
}

async function listsIn(source: unknown, locate: Locate): Promise<readonly RawList[]> {
  if (!isObject(source)) return []
  const groups = ["agents", "categories", "models"].flatMap((group) =>
    Object.entries(asObject(source[group])).flatMap(([name, settings]) =>
      isObject(settings)
        ? [
            listAt(settings["fallback_models"], [group, name, "fallback_models"], locate),
            // A category's model and variant stand side by side.
            listAt(settings["model"] && { ...settings }, [group, name, "model"], locate),
          ]
        : [],
    ),
  )
  const lists = [listAt(source["fallback_models"], ["fallback_models"], locate), ...groups]
  return (await Promise.all(lists)).flat()
}

async function listAt(value: unknown, path: SettingsPath, locate: Locate): Promise<readonly RawList[]> {
  if (value === undefined) return []
  const items: readonly (readonly [unknown, SettingsPath])[] = Array.isArray(value)
    ? value.map((item: unknown, index) => [item, [...path, index]] as const)
    : [[value, path]]
  const models = items.map(async ([item, at]) => {
    const [model, variant] = isObject(item) ? [item["model"], item["variant"]] : [item, undefined]
    if (typeof model !== "string") return []
    return [
      {
        text: model.trim(),
        where: await locate(at),
        ...(typeof variant === "string" && { variant: variant.trim() }),
      },
    ]
  })
  return [{ where: await locate(path), path, models: (await Promise.all(models)).flat() }]
}
