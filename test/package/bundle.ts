/** What a user's lines cost when they are bundled: by esbuild, and by Vite. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { build as viteBuild } from 'vite'

/** The peers, which a bundle of ours does not count. */
const isPeer = (name: string): boolean => /^(@tensorflow\/|fp-ts\/|fast-check$)/.test(name)

/** A bundle of a user's lines. */
export interface Bundle {
  readonly text: string
  readonly minified: number
  readonly gzipped: number
  /** The packages that it still asks for. */
  readonly asks: readonly string[]
  /** The modules of ours that are in it, with their bytes: `src/optimizer/adam`. */
  readonly modules: ReadonlyMap<string, number>
}

/** The name of a module of the installed package; `undefined` of anything else. */
const moduleOf = (path: string): string | undefined => /gradpipe\/dist\/(.*)\.js$/.exec(path)?.[1]

const ours = (sizes: readonly (readonly [path: string, bytes: number])[]): ReadonlyMap<string, number> =>
  new Map(
    sizes.flatMap(([path, bytes]) => {
      const name = moduleOf(path)
      return name === undefined || bytes === 0 ? [] : [[name, bytes] as const]
    }),
  )

/** `import { a } from 'b'` as an export, so that a bundler keeps it. */
const kept = (code: string): string => code.replace(/^import (?=[{*])/, 'export ')

const bundles = new Map<string, Promise<Bundle>>()

/** Bundled by esbuild, with the peers left out, in the folder of a user; once in a process. */
export const bundled = (user: string, code: string, platform?: 'node'): Promise<Bundle> => {
  const key = JSON.stringify([user, code, platform])
  const made = bundles.get(key) ?? bundle(user, code, platform)
  bundles.set(key, made)
  return made
}

async function bundle(user: string, code: string, platform?: 'node'): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: kept(code), resolveDir: user },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: platform ?? 'browser',
    external: ['@tensorflow/*', 'fp-ts/*', 'fast-check'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const [file] = outputFiles
  const contents = file?.contents ?? new Uint8Array()
  const outputs = Object.values(metafile.outputs)
  return {
    text: file?.text ?? '',
    minified: contents.length,
    gzipped: gzipSync(contents, { level: 9 }).length,
    asks: [...new Set(outputs.flatMap(({ imports }) => imports.map(({ path }) => path)))].sort(),
    modules: ours(
      outputs.flatMap(({ inputs }) =>
        Object.entries(inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const),
      ),
    ),
  }
}

/** What Vite makes of it: its text, and the modules of ours that are in it. */
export async function viteBundled(user: string, code: string): Promise<Pick<Bundle, 'text' | 'modules'>> {
  const entry = join(user, 'entry.js')
  writeFileSync(entry, kept(code))
  const built = await viteBuild({
    root: user,
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['es'] }, rolldownOptions: { external: isPeer } },
  })
  const chunks = [built]
    .flat()
    .flatMap((each) => ('output' in each ? each.output : []))
    .flatMap((output) => (output.type === 'chunk' ? [output] : []))
  return {
    text: chunks.map(({ code: text }) => text).join('\n'),
    modules: ours(
      chunks.flatMap(({ modules }) =>
        Object.entries(modules).map(([path, { renderedLength }]) => [path, renderedLength] as const),
      ),
    ),
  }
}
