import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encode, load } from '../../src/checkpoint/index.js'
import { dispose } from '../../src/index.js'
import { useBackend } from '../backends.js'
import type * as Entry from '../browser/entry/checkpoint.js'
import { pageOf } from '../browser/page.js'
import { serveCheckpoints } from './server.js'

const entry = new URL('../browser/entry/checkpoint.ts', import.meta.url)

describe.each(['cpu', 'webgpu'] as const)('in a page on %s', (backend) => {
  const page = pageOf<typeof Entry>(entry)
  let server: Awaited<ReturnType<typeof serveCheckpoints>>
  beforeAll(async () => {
    server = await serveCheckpoints()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    expect(await page.call('use', backend)).toBe(backend)
  })

  const places = ['indexeddb://run', 'localstorage://a/run', 'http'] as const
  it.each(places)('a run goes on after a reload of the page to the same bits: %s', async (name) => {
    const place = name === 'http' ? `${server.url}/${backend}.safetensors` : name
    const { value: expected, tensors } = await page.call('whole', 7)
    expect(tensors).toBe(0)
    const saved = await page.call('first', 3, place)
    expect(saved.tensors).toBe(0)
    expect(saved.value).toBeGreaterThan(3 * 24)
    await page.opened().reload()
    await page.call('use', backend)
    expect(await page.call('rest', 4, place)).toEqual({ value: expected, tensors: 0 })
  })

  it('TensorFlow.js lists, copies and removes what was saved', async () => {
    for (const place of ['indexeddb://listed', 'localstorage://listed/too']) {
      const { value: bytes } = await page.call('first', 1, place)
      expect(await page.call('list')).toContainEqual([place, bytes])
      await page.call('copy', place, 'indexeddb://copy')
      expect(await page.call('rest', 1, 'indexeddb://copy')).toEqual(await page.call('whole', 2))
      await page.call('remove', place)
      expect((await page.call('list')).map(([url]) => url)).not.toContain(place)
      expect(await page.call('markOf', place)).toBe('NotFound')
    }
  })
})

describe('in a page', () => {
  const page = pageOf<typeof Entry>(entry)

  it('what is not there, and places that are not in a browser, are told apart', async () => {
    expect(
      await page.call('failures', [
        'file:///tmp/run',
        's3://run',
        'indexeddb://',
        'localstorage://',
        'nowhere',
      ]),
    ).toEqual([
      ['file:///tmp/run', 'Unsupported', 'Unsupported'],
      ['s3://run', 'Unsupported', 'Unsupported'],
      ['indexeddb://', 'Unsupported', 'Unsupported'],
      ['localstorage://', 'Unsupported', 'Unsupported'],
      // a path is a URL relative to the page, whose server knows only its own two
      ['nowhere', 'NotFound', 'NotFound'],
    ])
    expect(await page.call('markOf', 'indexeddb://nothing')).toBe('NotFound')
    expect(await page.call('markOf', 'localstorage://nothing')).toBe('NotFound')
    expect(await page.call('markOf', 'downloads://nothing')).toBe('Unsupported')
  })

  it('a worker has IndexedDB, and what is the page’s alone is Unsupported in it', async () => {
    expect(
      await page.call('failuresInWorker', [
        'indexeddb://worker',
        'localstorage://worker',
        'downloads://a',
        'downloads://a.safetensors',
      ]),
    ).toEqual([
      ['indexeddb://worker', 'saved', 'loaded'],
      ['localstorage://worker', 'Unsupported', 'Unsupported'],
      ['downloads://a', 'Unsupported', 'Unsupported'],
      ['downloads://a.safetensors', 'Unsupported', 'Unsupported'],
    ])
  })

  it('local storage without room is QuotaExceeded, and all that was there stays', async () => {
    const place = 'localstorage://full'
    expect(await page.call('saveMarked', place, 1, 10)).toBe(null)
    expect(await page.call('saveMarked', 'localstorage://full/below', 2, 10)).toBe(null)
    const before = await page.call('list')
    expect(await page.call('saveMarked', place, 3, 6_000_000)).toMatchObject({ tag: 'QuotaExceeded' })
    expect(await page.call('markOf', place)).toBe(1)
    expect(await page.call('markOf', 'localstorage://full/below')).toBe(2)
    expect(await page.call('list')).toEqual(before)
    expect(await page.call('saveMarked', 'localstorage://new', 4, 6_000_000)).toMatchObject({
      tag: 'QuotaExceeded',
    })
    expect(await page.call('markOf', 'localstorage://new')).toBe('NotFound')
  })
})

describe('in a page that may keep three million bytes', () => {
  const page = pageOf<typeof Entry>(entry)

  it('IndexedDB without room is QuotaExceeded, and all that was there stays', async () => {
    const { tab } = page.opened()
    const session = await tab.createCDPSession()
    // before the first use: the browser remembers for a while how much room there is
    await session.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(tab.url()).origin,
      quotaSize: 3_000_000,
    })
    const place = 'indexeddb://full'
    expect(await page.call('saveMarked', place, 1, 10)).toBe(null)
    const before = await page.call('list')
    expect(await page.call('saveMarked', place, 2, 8_000_000)).toMatchObject({ tag: 'QuotaExceeded' })
    expect(await page.call('markOf', place)).toBe(1)
    expect(await page.call('list')).toEqual(before)
    expect(await page.call('saveMarked', place, 3, 10)).toBe(null)
    expect(await page.call('markOf', place)).toBe(3)
  })
})

describe('downloads of a page', () => {
  const page = pageOf<typeof Entry>(entry)
  let folder = ''
  beforeEach(async () => {
    await useBackend('cpu')
    folder = mkdtempSync(join(tmpdir(), 'gradpipe-downloads-'))
    const session = await page.opened().tab.createCDPSession()
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** A file of that name, when the browser has all of it. */
  const arrived = async (name: string, bytes: number | undefined): Promise<string> => {
    const path = join(folder, name)
    await expect
      .poll(() => (existsSync(path) ? readFileSync(path).length : -1), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(bytes ?? 1)
    return path
  }

  /** The bits of a run in this process. */
  const bitsOf = (path: string): string => [...readFileSync(path)].join(' ')

  /** The bits of what is loaded, encoded again. */
  const loadedBits = async (path: string): Promise<string> => {
    const loaded = await load(path)()
    if (E.isLeft(loaded)) throw new Error(loaded.left.message)
    const bytes = encode(loaded.right)
    dispose(loaded.right)
    return [...bytes].join(' ')
  }

  it('a name that ends in .safetensors is one plain file, which loads in Node', async () => {
    await page.call('use', 'webgpu')
    const { value: bytes, tensors } = await page.call('first', 3, 'downloads://run.safetensors')
    expect(tensors).toBe(0)
    const path = await arrived('run.safetensors', bytes)
    expect(readdirSync(folder)).toEqual(['run.safetensors'])
    expect(bitsOf(path)).toBe((await page.call('whole', 3)).value)
    expect(await loadedBits(path)).toBe(bitsOf(path))
  })

  it('any other name is the two files of TensorFlow.js, either of which loads in Node', async () => {
    await page.call('use', 'cpu')
    const { value: bytes } = await page.call('first', 3, 'downloads://run')
    const weights = await arrived('run.weights.bin', bytes)
    const json = await arrived('run.json', undefined)
    expect(bitsOf(weights)).toBe((await page.call('whole', 3)).value)
    expect(await loadedBits(json)).toBe(bitsOf(weights))
    expect(await loadedBits(weights)).toBe(bitsOf(weights))
  })
})
