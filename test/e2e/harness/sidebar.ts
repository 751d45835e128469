/** For `configFiles`: the terminal's half of the plugin that the harness has copied into the home. */
export const withPanel: Readonly<Record<string, string>> = {
  "tui.json": '{ "plugin": ["../../plugin"] }\n',
}

const sidebarColumns = 42

/** OpenCode 1's sidebar, line by line. A toast lies to the left of it and bears our name, too. */
export function sidebarOf(screen: string, columns = 160): string {
  return screen
    .split("\n")
    .map((line) => line.slice(columns - sidebarColumns).trim())
    .filter((line) => line !== "")
    .join("\n")
}
