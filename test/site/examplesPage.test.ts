/** Examples where they are read: each opens in an editor, runs in a worker, and says what it printed and what failed. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inflateSync } from 'node:zlib'
import type { Page } from 'puppeteer-core'
import { parseAst } from 'vite'
import { describe, expect, inject, it } from 'vitest'
import { markOf } from '../../docs/plugin/examples.js'
import { programOf } from '../../docs/site/examples/program.js'
import { modules } from '../../docs/site/examples/table.js'
import { type Example, examplesOf, files } from '../examples/extract.js'
import { contrastsOf } from './contrast.js'
import { guideInto } from './guide.js'
import { drawn, rowsOf, tabTo, visits } from './visit.js'

const visit = visits({ pages: guideInto })

const examples = files()
  .flatMap(examplesOf)
  .filter(({ noRun, code }) => markOf(noRun === undefined ? 'ts' : 'ts no-run', code) !== undefined)

const nameOf = ({ file, line }: Example): string => `${file}:${line}`

/** What is open in a part of the page says, when it has come to its end. */
const ended = async (page: Page, state = 'finished'): Promise<{ status: string; output: string }> => {
  await page.waitForSelector(`.example:is([data-state=finished],[data-state=failed],[data-state=stopped])`)
  return page.$eval(
    '.example',
    (panel, state) => {
      const text = (selector: string) => panel.querySelector(selector)?.textContent ?? ''
      const output = [...panel.querySelectorAll('.example-output > div')].map(
        ({ textContent }) => textContent,
      )
      const status = text('.example-status')
      return {
        status: panel.getAttribute('data-state') === state ? status : `not ${state}: ${status}`,
        output: output.join('\n'),
      }
    },
    state,
  )
}

/** Puts another program into the editor, which has the focus, and runs it by keyboard. */
const rerun = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.down('Control')
  await page.keyboard.press('a')
  await page.keyboard.up('Control')
  // as one paste: typing would be indented
  await page.keyboard.sendCharacter(text)
  await page.keyboard.down('Control')
  await page.keyboard.press('Enter')
  await page.keyboard.up('Control')
}

describe('an example', () => {
  it('of the guide and the reference is a module without types, whose imports lead to files', () => {
    const sources = {
      host: '/host.js',
      modules: Object.fromEntries(Object.keys(modules).map((name) => [name, `/${name}`])),
    }
    expect(examples.length).toBeGreaterThan(400)
    const wrong = examples.flatMap((example) => {
      const program = programOf(example.code, sources)
      if (program.is === 'mistaken') return [`${nameOf(example)}: ${program.mistake.message}`]
      const { body } = parseAst(program.code)
      const imported = body.flatMap((node) => (node.type === 'ImportDeclaration' ? [node.source.value] : []))
      return imported.every((name) => name.startsWith('/')) ? [] : [`${nameOf(example)}: ${imported}`]
    })
    expect(wrong).toEqual([])
  })

  it('keeps its lines, and says what it cannot import, or cannot read, and where', () => {
    const sources = { host: 'h', modules: { gradpipe: 'g' } }
    const code = "import { adam } from 'gradpipe'\ninterface A {\n  a: 1\n}\nexport const b: A = { a: 1 }"
    const program = programOf(code, sources)
    expect(program).toMatchObject({ is: 'ready' })
    if (program.is === 'ready') expect(program.code.split('\n')[4]).toBe('export const b = { a: 1 }')
    expect(programOf("const a = 1\nawait import('node:fs')", sources)).toMatchObject({
      is: 'mistaken',
      mistake: { line: 2, message: expect.stringMatching(/^There is no node:fs here/) },
    })
    expect(programOf('const a = 1\nconst = 2', sources)).toMatchObject({ mistake: { line: 2 } })
  })

  it('is opened, run, edited, stopped and put back by keyboard, where a policy is strict', async () => {
    await visit(
      'documents/Zeroth.html',
      async (page) => {
        // who only reads has loaded the small script, and no editor
        const scripts = await page.evaluate(() =>
          performance
            .getEntriesByType('resource')
            .filter(
              (entry) => entry instanceof PerformanceResourceTiming && /\/playground\//.test(entry.name),
            )
            .map((entry) => (entry instanceof PerformanceResourceTiming ? entry.decodedBodySize : 0)),
        )
        expect(scripts.length).toBeGreaterThan(0)
        expect(scripts.reduce((sum, size) => sum + size, 0)).toBeLessThan(6000)
        expect(await page.$$eval('.example-open', (all) => all.length)).toBe(2)

        await tabTo(page, '.example-open')
        await page.keyboard.press('Enter')
        expect(await ended(page)).toEqual({
          status: expect.stringMatching(/^Ran to its end in [\d.e-]+ s: 1 assertion held\.$/),
          output: 'next [ 3, 2 ] { of: Float32Array(2) [ 0, 0 ] }',
        })
        expect(await page.evaluate(() => document.activeElement?.className)).toContain('cm-content')

        // a line that fails is named, and marked
        await rerun(
          page,
          "console.log('first')\n\nassert.deepEqual({ a: [1, -0] }, { a: [1, 0] })\nconsole.log(3)",
        )
        const failed = await ended(page, 'failed')
        expect(failed.status).toBe('Failed in line 3.')
        expect(failed.output).toMatch(/^first\nLine 3: AssertionError: not deeply equal/)
        expect(await page.$eval('.cm-failed', ({ textContent }) => textContent)).toMatch(/^assert\.deepEqual/)

        // so are a name that is not exported, and what is thrown later
        await rerun(page, "import { nope } from 'gradpipe'\nnope()")
        expect((await ended(page, 'failed')).output).toBe(
          'Line 1: SyntaxError: gradpipe does not export nope',
        )
        await rerun(page, 'const twice = 1\nconst twice = 2')
        expect((await ended(page, 'failed')).output).toMatch(/no valid program/)
        await rerun(
          page,
          "const late = async () => {\n  throw new TypeError('late')\n}\nvoid late()\nawait new Promise(() => {})",
        )
        expect((await ended(page, 'failed')).output).toBe('Line 2: TypeError: late')

        // a loop without an end ends when it is told to; Tab leads out of the editor, to the buttons
        await rerun(page, "console.log('round')\nfor (;;) {}")
        await page.waitForSelector('.example[data-state=running] .example-output > div')
        await tabTo(page, '.example [name=stop]')
        await page.keyboard.press('Enter')
        expect(await ended(page, 'stopped')).toEqual({ status: 'Stopped.', output: 'round' })

        await tabTo(page, '.example [name=reset]')
        await page.keyboard.press('Enter')
        expect(await page.$eval('.cm-content', ({ textContent }) => textContent)).toContain('sgd(0.5)')
        await tabTo(page, '.example [name=close]')
        await page.keyboard.press('Enter')
        expect(await page.$$eval('.example', (all) => all.length)).toBe(0)

        // one that goes on from another runs behind it, on WASM, which the policy allows
        await page.keyboard.press('Tab')
        await page.click('pre[data-example=continues] + .example-open')
        expect(await ended(page)).toEqual({
          status: expect.stringMatching(/1 assertion held/),
          output: 'next [ 3, 2 ] { of: Float32Array(2) [ 0, 0 ] }\nwasm 13 [ 6, 4 ] Right',
        })
      },
      { policy: 'examples' },
    )
  })

  it('fits a phone, and is seen in the dark and in the light', async () => {
    await visit(
      'variables/gradpipe.one.html',
      async (page) => {
        await page.click('.example-open')
        await ended(page)
        for (const value of ['dark', 'light']) {
          await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])
          await drawn(page)
          const { texts, low } = await contrastsOf(page, '.example')
          expect(texts).toBeGreaterThan(5)
          expect(low).toEqual([])
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
      },
      { width: 360, dark: true },
    )
  })

  it('is the program of a race, too, which prints what the page shows', async () => {
    await visit('#race?f=noisy-valley&steps=50&adam=learningRate:0.2&prodigy=', async (page) => {
      await page.click('.listing [name=edit]')
      const { output } = await ended(page)
      const losses = output.split('\n').map((line) => Number(Number(line.split(' ').at(-1)).toPrecision(2)))
      const shown = (await rowsOf(page)).map(({ loss }) => Number(loss.toPrecision(2)))
      expect(losses.sort()).toEqual(shown.sort())
    })
  })

  it('says so where a policy forbids to run it', async () => {
    await visit(
      '#race?f=quadratic&steps=10&adam=',
      async (page) => {
        await page.click('.listing [name=edit]')
        expect((await ended(page, 'failed')).output).toMatch(/policy of this site .* worker-src blob:/)
      },
      { policy: 'strict', expected: /Content Security Policy/ },
    )
  })
})

/** Examples that may share a worker: what one imports does not hide that another one lacks it. */
const groups: Readonly<Record<string, (code: string) => boolean>> = {
  'on numbers': (code) => !/'(gradpipe\/(tfjs|objax|checkpoint|laws)'|@tensorflow)/.test(code),
  'on tensors': (code) => /'gradpipe\/(tfjs|objax|checkpoint|laws)'/.test(code),
  'with TensorFlow.js alone': (code) =>
    !/'gradpipe\/(tfjs|objax|checkpoint|laws)'/.test(code) && /'@tensorflow/.test(code),
}

/**
 * Examples that are run in the browser: the guide, and one of each folder. All of them run in Node; those of the laws, which
 * try each hundreds of times, there alone.
 */
const chosen = examples.filter(
  ({ file, code }, i) =>
    !code.includes("'gradpipe/laws'") &&
    (file.endsWith('.md') || dirname(examples[i - 1]?.file ?? '') !== dirname(file)),
)

describe('examples of the guide, and some of the reference', () => {
  it('run in the browser', { timeout: 120_000 }, async () => {
    const counts = Object.values(groups).map((belongs) => chosen.filter(({ code }) => belongs(code)).length)
    expect(counts.reduce((sum, count) => sum + count)).toBe(chosen.length)
    expect(chosen.length).toBeGreaterThan(60)
    await visit('documents/Zeroth.html', async (page) => {
      await page.click('.example-open')
      await ended(page)
      for (const belongs of Object.values(groups)) {
        const group = chosen.filter(({ code }) => belongs(code))
        const said = await page.evaluate(
          async (examples, begin) => {
            const entry = performance
              .getEntriesByType('resource')
              .find(({ name }) => /\/run-[^/]*\.js$/.test(name))
            const chunk: object = await new Function('url', 'return import(url)')(entry?.name)
            const run: (
              example: string,
              hear: (said: { kind: string; text?: string; message?: string }) => void,
            ) => void = Object.values(chunk).find((each) => typeof each === 'function')
            // what the page makes of each example, kept from its worker
            const { createObjectURL } = URL
            const { Worker } = window
            const urls = examples.map(([name, code]) => {
              let made = ''
              URL.createObjectURL = (blob) => {
                made = createObjectURL(blob)
                return createObjectURL(blob)
              }
              window.Worker = class extends EventTarget {
                terminate() {}
              } as unknown as typeof Worker
              run(code, () => {})
              return [name, made] as const
            })
            Object.assign(window, { Worker })
            Object.assign(URL, { createObjectURL })
            const program = `${begin}
              for (const [name, url] of ${JSON.stringify(urls)})
                try {
                  await begin()
                  await import(url)
                } catch (error) {
                  console.error('failed', name, String(error))
                }
              console.log('all')`
            return new Promise<readonly string[]>((resolve) => {
              const texts: string[] = []
              run(program, ({ kind, text = '', message = '' }) => {
                if (kind === 'failed') resolve([...texts, message])
                else if (text === 'all') resolve(texts)
                else if (text.startsWith('failed')) texts.push(text)
              })
            })
          },
          group.map((example) => [nameOf(example), example.code.trimStart()] as const),
          belongs("'@tensorflow")
            ? "import * as tf from '@tensorflow/tfjs'\nconst begin = () => tf.setBackend('cpu')"
            : belongs("'gradpipe/tfjs'")
              ? "import * as tf from '@tensorflow/tfjs'\nimport 'gradpipe/tfjs'\nconst begin = () => tf.setBackend('cpu')"
              : 'const begin = () => {}',
        )
        expect(said).toEqual([])
      }
    })
  })
})

describe('the pages', () => {
  const read = (name: string): Promise<string> => readFile(join(inject('onceFolder'), 'pages', name), 'utf8')

  it('come in reading order, before the entries, which are named as they are imported', async () => {
    const [, packed = ''] = /"(.*)"/.exec(await read('assets/navigation.js')) ?? []
    const entries: readonly { readonly text: string }[] = JSON.parse(
      inflateSync(Buffer.from(packed, 'base64')).toString(),
    )
    expect(entries.map(({ text }) => text)).toEqual(['Zeroth', 'another', 'gradpipe', 'gradpipe/tfjs'])
  })

  it.each(['index', 'documents/Zeroth', 'modules/gradpipe_tfjs', 'variables/gradpipe.one'])(
    '%s has one title, and no script in itself',
    async (name) => {
      const page = await read(`${name}.html`)
      expect(page.match(/<h1/g)).toHaveLength(1)
      expect(page).not.toMatch(/<ul class="tsd-breadcrumb"[^>]*>\s*<li><a href="" /)
      expect(page).not.toMatch(/<script[^>]*>[^<]/)
    },
  )
})
