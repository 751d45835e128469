import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { $ } from "bun"
import { REPOSITORY } from "../harness/opencode-binary.ts"

export interface NpmRegistry extends AsyncDisposable {
  readonly url: string
  /** Paths that were asked for. */
  readonly asked: readonly string[]
}

/** A registry on loopback that has this package, as it is built now, in these versions; the last one is the newest. */
export async function startNpmRegistry(versions: readonly string[]): Promise<NpmRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "npm-registry-"))
  const tarballs = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const version of versions) tarballs.set(version, await tarballOf(version, folder))
  const asked: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      const { pathname, origin } = new URL(url)
      asked.push(pathname)
      const tarball = tarballs.get(/^\/tarball\/(.+)\.tgz$/.exec(pathname)?.[1] ?? "")
      if (tarball) return new Response(tarball)
      if (pathname === "/opencode-understudy/latest") return Response.json({ version: versions.at(-1) })
      if (pathname !== "/opencode-understudy") return new Response("not here", { status: 404 })
      const manifests = versions.map((version) => [
        version,
        { name: "opencode-understudy", version, dist: { tarball: `${origin}/tarball/${version}.tgz` } },
      ])
      return Response.json({
        name: "opencode-understudy",
        "dist-tags": { latest: versions.at(-1) },
        versions: Object.fromEntries(manifests) as unknown,
      })
    },
  })
  return {
    url: server.url.href,
    asked,
    [Symbol.asyncDispose]: async () => {
      await server.stop(true)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function tarballOf(version: string, folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const own = join(folder, version)
  await $`mkdir -p ${own} && npm pack --ignore-scripts --pack-destination ${own}`.cwd(REPOSITORY).quiet()
  const [packed = ""] = await readdir(own)
  await $`tar -xzf ${packed} && rm ${packed}`.cwd(own).quiet()
  const manifest = Bun.file(join(own, "package/package.json"))
  const content = (await manifest.json()) as Readonly<Record<string, unknown>>
  await Bun.write(manifest, JSON.stringify({ ...content, version }))
  await $`tar -czf out.tgz package`.cwd(own).quiet()
  return Bun.file(join(own, "out.tgz")).bytes()
}
