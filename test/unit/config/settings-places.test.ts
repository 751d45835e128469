import { describe, expect, test } from "bun:test"
import { dirname, join, relative } from "node:path"
import {
  openCodeTexts,
  configDirectories,
  placesFor,
  projectDirectories,
} from "../../../src/config/settings-places.ts"

describe("configDirectories", () => {
  test.each([
    ["the usual folder", {}, ["/home/u/.config/opencode"]],
    ["XDG_CONFIG_HOME moves it", { XDG_CONFIG_HOME: "/x" }, ["/x/opencode"]],
    ["an empty XDG_CONFIG_HOME does not", { XDG_CONFIG_HOME: "" }, ["/home/u/.config/opencode"]],
    [
      "OPENCODE_CONFIG_DIR may name it",
      { OPENCODE_CONFIG_DIR: "/home/u/.config/opencode/" },
      ["/home/u/.config/opencode"],
    ],
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

describe("placesFor", () => {
  const project = { home: "/home/u", directory: "/home/u/w/p", worktree: "/home/u/w", version: 1 } as const
  const usual = "/home/u/.config/opencode"
  /** The folders of OpenCode's own files, highest rank first. */
  const ranked = (given: Partial<Parameters<typeof placesFor>[0]>): readonly string[] => {
    const { openCodeFiles } = placesFor({ ...project, env: {}, ...given })
    expect(new Set(openCodeFiles).size).toBe(openCodeFiles.length)
    return openCodeFiles.filter((file) => file.endsWith(".jsonc")).map((file) => dirname(file))
  }

  test("ranks the project above the config folder, and .jsonc above .json", () => {
    const given = { env: { XDG_CONFIG_HOME: "/c", OPENCODE_CONFIG_DIR: "/c/opencode" }, worktree: undefined }
    expect(placesFor({ ...project, ...given, directory: "/p", version: 2 })).toEqual({
      userFiles: ["json", "jsonc"].map((ending) => `/c/opencode/understudy.${ending}`),
      projectFiles: ["/p/.opencode/understudy.json", "/p/.opencode/understudy.jsonc"],
      openCodeFiles: ["/p/.opencode", "/.opencode", "/p", "", "/c/opencode"].flatMap((folder) => [
        `${folder}/opencode.jsonc`,
        `${folder}/opencode.json`,
      ]),
      content: undefined,
      configFolders: ["/p/.opencode", "/.opencode", "/c/opencode"],
      agentFolders: ["/p/.opencode", "/.opencode", "/c/opencode"].flatMap((folder) =>
        ["modes", "mode", "agents", "agent"].map((name) => `${folder}/${name}`),
      ),
      ranked: expect.any(Array),
    })
  })

  test.each([
    [
      1,
      [
        ["/d", "agents and files"],
        ["/home/u/.opencode", "agents and files"],
        ["/home/u/w/.opencode", "agents and files"],
        ["/home/u/w/p/.opencode", "agents and files"],
        [usual, "agents"],
        ["/home/u/w/p", "files"],
        ["/home/u/w", "files"],
        ["/named", "files"],
        [usual, "files"],
      ],
    ],
    [
      2,
      [
        ...["/home/u/w/p/.opencode", "/home/u/w/.opencode", "/home/u/.opencode", "/home/.opencode"].map(
          (folder) => [folder, "agents and files"] as const,
        ),
        ["/.opencode", "agents and files"],
        ...["/home/u/w/p", "/home/u/w", "/home/u", "/home", "/", "/named"].map(
          (folder) => [folder, "files"] as const,
        ),
        ["/d", "agents and files"],
      ],
    ],
  ] as const)("on OpenCode %d an agent's Markdown has the rank of its folder", (version, order) => {
    const env = { OPENCODE_CONFIG_DIR: "/d", OPENCODE_CONFIG: "/named/x.jsonc" }
    const { ranked } = placesFor({ ...project, env, version })
    const shown = ranked
      .filter((path) => /\.jsonc$|\/agents$/.test(path))
      .map((path) => `${dirname(path)} ${path.endsWith("agents") ? "agents" : "files"}`)
    const expected = order.flatMap(([folder, what]) => what.split(" and ").map((each) => `${folder} ${each}`))
    expect(shown).toEqual(expected)
  })

  test.each([
    ["its path", "/home/u/w/p/.opencode"],
    ["a relative one", relative(process.cwd(), "/home/u/w/p/.opencode")],
  ])(
    "a folder in the project that the user named as a configuration folder is the user's: %s",
    (_, named) => {
      const folder = "/home/u/w/p/.opencode"
      const { userFiles, projectFiles } = placesFor({ ...project, env: { OPENCODE_CONFIG_DIR: named } })
      expect(userFiles.filter((file) => file.startsWith(folder))).toEqual([
        `${folder}/understudy.json`,
        `${folder}/understudy.jsonc`,
      ])
      expect(projectFiles.filter((file) => file.startsWith(folder))).toEqual([])
    },
  )

  test("config.json is read by OpenCode 1 alone, and is the weakest of all", () => {
    const last = (version: 1 | 2) => placesFor({ ...project, env: {}, version }).openCodeFiles.at(-1)
    expect([last(1), last(2)]).toEqual([`${usual}/config.json`, `${usual}/opencode.json`])
  })

  test("on OpenCode 1 the user's .opencode outranks the project's, and OPENCODE_CONFIG_DIR both", () => {
    expect(ranked({ env: { OPENCODE_CONFIG_DIR: "/d", OPENCODE_CONFIG: "/named/x.jsonc" } })).toEqual([
      "/d",
      "/home/u/.opencode",
      "/home/u/w/.opencode",
      "/home/u/w/p/.opencode",
      "/home/u/w/p",
      "/home/u/w",
      "/named",
      usual,
    ])
  })

  test("on OpenCode 2 it is below the project's, as each folder's above it; OPENCODE_CONFIG_DIR takes the usual one's place", () => {
    const env = { OPENCODE_CONFIG_DIR: "/d", OPENCODE_CONFIG: "/named/x.jsonc" }
    const up = ["/home/u/w/p", "/home/u/w", "/home/u", "/home", "/"]
    const config = up.map((folder) => join(folder, ".opencode"))
    expect(ranked({ env, version: 2 })).toEqual([...config, ...up, "/named", "/d"])
  })

  test.each([
    ["a project outside of the home folder", { directory: "/srv/app", worktree: "/srv/app" }],
    ["OPENCODE_CONFIG_PROJECT_DISABLE", { env: { OPENCODE_CONFIG_PROJECT_DISABLE: "1" } }],
  ])("on OpenCode 2 the user's .opencode is not read with %s, on OpenCode 1 it is", (_title, given) => {
    const folder = "/home/u/.opencode"
    const agents = (version: 1 | 2) =>
      placesFor({ ...project, env: {}, ...given, version }).agentFolders.includes(`${folder}/agents`)
    expect([ranked({ ...given, version: 2 }).includes(folder), agents(2)]).toEqual([false, false])
    expect([ranked(given).includes(folder), agents(1)]).toEqual([true, true])
  })

  test.each([1, 2] as const)("our own files are the same on OpenCode %d", (version) => {
    const env = { OPENCODE_CONFIG_DIR: "/d" }
    const { userFiles, projectFiles } = placesFor({ ...project, env, version })
    expect(userFiles).toEqual(
      [usual, "/d"].flatMap((folder) => [`${folder}/understudy.json`, `${folder}/understudy.jsonc`]),
    )
    expect(projectFiles).toEqual(
      ["/home/u/w/.opencode", "/home/u/w/p/.opencode"].flatMap((folder) => [
        `${folder}/understudy.json`,
        `${folder}/understudy.jsonc`,
      ]),
    )
  })

  test.each([undefined, "/"])(
    "outside of git (%p) OpenCode 1 reads all folders above the project, we do not",
    (worktree) => {
      const { agentFolders, openCodeFiles, projectFiles } = placesFor({ ...project, env: {}, worktree })
      expect(openCodeFiles).toContain("/home/opencode.json")
      expect(agentFolders).toContain("/home/u/w/.opencode/agents")
      expect(projectFiles.map((file) => dirname(file))).toEqual(Array(2).fill("/home/u/w/p/.opencode"))
    },
  )

  test("where the project is the home folder, its .opencode is the project's, and read once", () => {
    const home = { directory: "/home/u", worktree: "/" }
    expect(ranked(home).filter((folder) => folder === "/home/u/.opencode")).toHaveLength(1)
    expect(placesFor({ ...project, env: {}, ...home }).projectFiles).toContain(
      "/home/u/.opencode/understudy.jsonc",
    )
  })

  test("what OPENCODE_CONFIG_CONTENT holds outranks every file", async () => {
    const places = placesFor({ ...project, env: { OPENCODE_CONFIG_CONTENT: "{}" } })
    const texts = await openCodeTexts(places, (file) => Promise.resolve(`text of ${file}`))
    expect(texts[0]).toEqual({ file: "OPENCODE_CONFIG_CONTENT", text: "{}" })
    const inFiles = places.openCodeFiles.map((file) => ({ file, text: `text of ${file}` }))
    expect(texts.slice(1)).toEqual(inFiles)
  })

  test.each([
    [{ OPENCODE_DISABLE_PROJECT_CONFIG: "1" }, [false, false]],
    [{ OPENCODE_DISABLE_PROJECT_CONFIG: "TRUE" }, [false, false]],
    [{ OPENCODE_DISABLE_PROJECT_CONFIG: "0" }, [true, true]],
    [{ OPENCODE_CONFIG_PROJECT_DISABLE: "1" }, [true, false]],
    [{ OPENCODE_CONFIG_PROJECT_DISABLE: "", OPENCODE_DISABLE_PROJECT_CONFIG: "1" }, [false, true]],
  ])("of whether the project's is read, %p says to OpenCode 1 and 2: %p", (env, isRead) => {
    const own = (version: 1 | 2) => [
      ranked({ env, version }).includes("/home/u/w/p"),
      placesFor({ ...project, env, version }).projectFiles.length > 0,
    ]
    expect([own(1), own(2)]).toEqual(isRead.map((read) => [read, read]))
  })
})
