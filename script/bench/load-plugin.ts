/** Prints what loading the plugin takes in a fresh process, milliseconds: reading and running its code. */
const started = performance.now()
await import("../../dist/index.js")
console.log(performance.now() - started)
