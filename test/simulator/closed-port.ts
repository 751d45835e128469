import { connect } from "node:net"

/**
 * A loopback port that refuses connections. Taken from below the kernel's ephemeral range (32768 on Linux), so that no
 * other test server gets it by chance while the test runs.
 */
export async function closedPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (await refuses(port)) return port
  }
  throw new Error("No closed port found between 20000 and 29999")
}

const refuses = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("connect", () => {
      socket.destroy()
      resolve(false)
    })
    socket.once("error", () => resolve(true))
  })
