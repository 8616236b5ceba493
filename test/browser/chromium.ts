/**
 * Headless Chromium out of an npm package, with WebGPU in software: nothing but `npm ci` is needed, not even
 * the system's own libraries for it.
 *
 * The package comes compressed. It is unpacked once, beside the other packages, so that test files that run at
 * the same time in several processes share it. `CHROMIUM_PATH` names another Chromium or Chrome to start.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import chromium from '@sparticuz/chromium'
import puppeteer, { type Browser } from 'puppeteer-core'
import { once } from '../once.js'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** Unpacked programs of two versions stand side by side. */
const version = async (): Promise<string> =>
  /"version":\s*"([^"]+)"/.exec(await readFile(`${modules}/@sparticuz/chromium/package.json`, 'utf8'))?.[1] ??
  ''

/** Runs something with other environment variables, which the package reads. */
const withEnvironment = async <A>(
  other: Readonly<Record<string, string>>,
  run: () => Promise<A>,
): Promise<A> => {
  const before = Object.keys(other).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, other)
  try {
    return await run()
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
}

/**
 * The package unpacks into the temporary folder whatever it finds missing there, so a second process would start
 * a half-written program. It adds the libraries that a bare system lacks (NSS) only on a machine that looks like
 * Amazon's, so it is told of one.
 */
const unpack = async (): Promise<string> =>
  once(`${modules}/.cache`, `chromium-${await version()}`, (staging) =>
    withEnvironment({ TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }, async () => {
      await chromium.executablePath()
    }),
  )

/** Two pages that open at once in this process unpack once. */
let unpacked: Promise<string> | undefined

/** What a browser can be asked for. */
export interface Launch {
  /** Whether it has WebGL, in software. Drawing takes a core then, so that pages which do not need it go without. */
  readonly webgl?: boolean
}

/** Starts the browser. Close it; it ends with this process in any case. */
export const launch = async ({ webgl = false }: Launch = {}): Promise<Browser> => {
  const own = process.env.CHROMIUM_PATH
  if (own === undefined) unpacked ??= unpack()
  const home = await unpacked
  return puppeteer.launch({
    executablePath: own ?? `${home}/chromium`,
    headless: 'shell',
    args: [
      '--no-sandbox', // containers run tests as root, and the pages are our own
      '--disable-dev-shm-usage', // a container's /dev/shm is small
      '--disable-gpu-watchdog', // on a busy machine it ends what draws in software, and the page waits for good
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      '--enable-features=Vulkan',
      ...(webgl ? ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : []),
    ],
    env: {
      ...process.env,
      ...(home && {
        LD_LIBRARY_PATH: [`${home}/al2023/lib`, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'),
      }),
    },
    pipe: true, // the browser ends when the pipe breaks, however this process ends
    timeout: 60_000,
  })
}
