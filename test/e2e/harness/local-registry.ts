import { $ } from "bun"
import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { REPOSITORY } from "./opencode-binary.ts"

const packageName = "opencode-understudy"
const upstream = "https://registry.npmjs.org"

/** An npm registry on loopback that has our package; whatever else is asked for comes from the real one. */
export type LocalRegistry = AsyncDisposable & {
  readonly origin: string
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  /** Packs what is in `dist/` under this version, as `latest`. */
  publish(version: string): Promise<void>
}

type Published = {
  readonly version: string
  readonly manifest: object
  readonly tarball: Uint8Array<ArrayBuffer>
}

export async function startLocalRegistry(): Promise<LocalRegistry> {
  const published: Published[] = []
  const asked: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request): Promise<Response> => {
      const { pathname, origin } = new URL(request.url)
      asked.push(pathname)
      if (pathname === `/${packageName}`) return Response.json(packument(published, origin))
      if (pathname === `/${packageName}/latest`) return Response.json(published.at(-1)?.manifest ?? {})
      const wanted = published.find(({ version }) => pathname === tarballPath(version))
      if (wanted) return new Response(wanted.tarball)
      const named = published.find(({ version }) => pathname === `/${packageName}/${version}`)
      if (named) return Response.json(named.manifest)
      return fetch(`${upstream}${pathname}`, { headers: { accept: request.headers.get("accept") ?? "*/*" } })
    },
  })
  return {
    origin: server.url.origin,
    asked,
    publish: async (version) => void published.push(await pack(version)),
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

const tarballPath = (version: string): string => `/${packageName}/-/${packageName}-${version}.tgz`

function packument(published: readonly Published[], origin: string): object {
  const versions = published.map(({ version, manifest, tarball }) => {
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`
    return [
      version,
      { ...manifest, dist: { tarball: `${origin}${tarballPath(version)}`, integrity } },
    ] as const
  })
  return {
    name: packageName,
    "dist-tags": { latest: published.at(-1)?.version },
    versions: Object.fromEntries(versions),
  }
}

async function pack(version: string): Promise<Published> {
  const folder = await mkdtemp(join(tmpdir(), "understudy-registry-"))
  try {
    // Without scripts: `prepare` would build anew under the feet of other tests.
    await $`npm pack --ignore-scripts --pack-destination ${folder}`.cwd(REPOSITORY).quiet()
    await $`tar -xzf ${folder}/${packageName}-*.tgz -C ${folder}`.quiet()
    const path = join(folder, "package/package.json")
    const manifest = { ...((await Bun.file(path).json()) as object), version }
    await Bun.write(path, JSON.stringify(manifest))
    const file = join(folder, "published.tgz")
    await $`tar -czf ${file} -C ${folder} package`.quiet()
    return { version, manifest, tarball: await Bun.file(file).bytes() }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
