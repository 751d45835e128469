// OpenCode 2 looks for a plugin's entry in the folder itself: this is for those who list a checkout by its path.
export { default } from "./dist/index.js"
