// See server.js.
export { default } from "./dist/tui.js"
