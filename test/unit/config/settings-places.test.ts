import { describe, expect, test } from "bun:test"
import {
  openCodeTexts,
  configDirectories,
  placesFor,
  projectDirectories,
  settingsPlaces,
} from "../../../src/config/settings-places.ts"

describe("configDirectories", () => {
  test.each([
    ["the usual folder", {}, ["/home/u/.config/opencode"]],
    ["XDG_CONFIG_HOME moves it", { XDG_CONFIG_HOME: "/x" }, ["/x/opencode"]],
    ["an empty XDG_CONFIG_HOME does not", { XDG_CONFIG_HOME: "" }, ["/home/u/.config/opencode"]],
    ["OPENCODE_CONFIG_DIR comes on top", { OPENCODE_CONFIG_DIR: "/d" }, ["/home/u/.config/opencode", "/d"]],
  ])("%s", (_title, environment, directories) => {
    expect(configDirectories(environment, "/home/u")).toEqual(directories)
  })
})

describe("projectDirectories", () => {
  test.each([
    ["the project alone", "/w/p", undefined, ["/w/p"]],
    ["no git: OpenCode calls the worktree /", "/w/p", "/", ["/w/p"]],
    ["the worktree itself", "/w", "/w/", ["/w"]],
    ["from the worktree down, the nearest last", "/w/a/b", "/w", ["/w", "/w/a", "/w/a/b"]],
    ["a worktree elsewhere ranks below", "/p", "/w", ["/w", "/p"]],
  ])("%s", (_title, project, worktree, directories) => {
    expect(projectDirectories(project, worktree)).toEqual(directories)
  })
})

describe("settingsPlaces", () => {
  test("ranks the project above the config folder, and .jsonc above .json", () => {
    const openCodeFiles = [
      "/p/.opencode/opencode.jsonc",
      "/p/.opencode/opencode.json",
      "/p/opencode.jsonc",
      "/p/opencode.json",
      "/c/opencode.jsonc",
      "/c/opencode.json",
    ]
    expect(settingsPlaces(["/c"], ["/p"])).toEqual({
      userFiles: ["/c/understudy.json", "/c/understudy.jsonc"],
      projectFiles: ["/p/.opencode/understudy.json", "/p/.opencode/understudy.jsonc"],
      openCodeFiles,
      openCode1Files: [...openCodeFiles, "/c/config.json"],
      configFolders: ["/p/.opencode", "/c"],
      agentFolders: ["/p/.opencode", "/c"].flatMap((folder) =>
        ["modes", "mode", "agents", "agent"].map((name) => `${folder}/${name}`),
      ),
    })
  })

  test("a folder in the project that the user named as a configuration folder is the user's", () => {
    const { userFiles, projectFiles } = settingsPlaces(["/p/.opencode"], ["/p"])
    expect(userFiles).toEqual(["/p/.opencode/understudy.json", "/p/.opencode/understudy.jsonc"])
    expect(projectFiles).toEqual([])
  })
})

describe("placesFor", () => {
  const project = { home: "/home/u", directory: "/w/p", worktree: "/w" }

  test("puts the file that OPENCODE_CONFIG names between the user's own and the project's", () => {
    const env = { XDG_CONFIG_HOME: "/c", OPENCODE_CONFIG: "/named.json" }
    expect(placesFor({ ...project, env })).toEqual(
      settingsPlaces(["/c/opencode"], ["/w", "/w/p"], "/named.json", "/home/u/.opencode"),
    )
  })

  test("the .opencode of the home folder is OpenCode's, below the project's, and holds no settings of ours", () => {
    const places = placesFor({ ...project, env: { OPENCODE_CONFIG: "/named.json" } })
    const ours = (file: string): boolean => file.startsWith("/home/u/.opencode/")
    const above = places.openCodeFiles.filter((_, index, all) => index < all.findIndex(ours))
    expect(places.openCodeFiles.filter(ours)).toEqual([
      "/home/u/.opencode/opencode.jsonc",
      "/home/u/.opencode/opencode.json",
    ])
    expect(above.every((file) => file.startsWith("/w/"))).toBeTrue()
    expect(places.agentFolders.filter(ours)).toHaveLength(4)
    expect([...places.userFiles, ...places.projectFiles].filter(ours)).toEqual([])
  })

  test("where the project is the home folder, its .opencode is the project's, and read once", () => {
    const { openCodeFiles, projectFiles } = placesFor({
      ...project,
      env: {},
      directory: "/home/u",
      worktree: "/",
    })
    expect(new Set(openCodeFiles).size).toBe(openCodeFiles.length)
    expect(projectFiles).toContain("/home/u/.opencode/understudy.jsonc")
  })

  test("what OPENCODE_CONFIG_CONTENT holds outranks every file", async () => {
    const places = placesFor({ ...project, env: { OPENCODE_CONFIG_CONTENT: "{}" } })
    const texts = await openCodeTexts(places, (file) => Promise.resolve(`text of ${file}`))
    expect(texts[0]).toEqual({ file: "OPENCODE_CONFIG_CONTENT", text: "{}" })
    const inFiles = places.openCode1Files.map((file) => ({ file, text: `text of ${file}` }))
    expect(texts.slice(1)).toEqual(inFiles)
  })

  test.each(["OPENCODE_DISABLE_PROJECT_CONFIG", "OPENCODE_CONFIG_PROJECT_DISABLE"])(
    "leaves the project out where %s is set",
    (name) => {
      const env = { [name]: "1" }
      expect(placesFor({ ...project, env })).toEqual(
        settingsPlaces(["/home/u/.config/opencode"], [], undefined, "/home/u/.opencode"),
      )
    },
  )
})
