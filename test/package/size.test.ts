/** What the package costs in a bundle keeps to the budgets of docs/size.md, and a bundle holds what is used alone. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { budgets, folders } from '../../docs/tables/size.js'
import { type Bundle, bundled, viteBundled } from './bundle.js'
import { pack, project, runNode, temporary } from './pack.js'

const folder = temporary()
let user = ''

beforeAll(async () => {
  const tensors = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu']
  user = project(folder, await pack(inject('onceFolder')), ['fp-ts', 'fast-check', ...tensors])
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000)

const adam = `import { adam } from 'gradpipe'`

describe('the budget of', () => {
  test.each(budgets)('$code', async ({ code, minified, gzipped }) => {
    const bundle = await bundled(user, code)
    console.log(`${code}: ${bundle.minified} bytes minified, ${bundle.gzipped} gzipped`)
    expect(bundle.minified).toBeLessThanOrEqual(minified)
    expect(bundle.gzipped).toBeLessThanOrEqual(gzipped)
    // a budget that is far above what is taken shows nothing, and the page says too much
    expect(bundle.minified).toBeGreaterThan(0.95 * minified)
    expect(bundle.gzipped).toBeGreaterThan(0.95 * gzipped)
  })

  test('each folder of one optimizer is as the page says', async () => {
    const { modules } = await bundled(user, adam)
    const sums = new Map<string, number>()
    for (const [name, bytes] of modules) sums.set(dirname(name), (sums.get(dirname(name)) ?? 0) + bytes)
    console.log([...sums].map(([name, bytes]) => `${name}: ${bytes} bytes`).join('\n'))
    expect([...sums.keys()].sort()).toEqual(folders.map(([name]) => name).sort())
    for (const [name, , bytes] of folders) {
      const off = Math.abs((sums.get(name) ?? 0) - bytes)
      expect(off, name).toBeLessThan(Math.max(0.05 * bytes, 100))
    }
  })
})

describe('a bundle', () => {
  const parts = (modules: Bundle['modules']): readonly string[] =>
    [...modules.keys()].filter((name) => /^src\/(block|optimizer|wrapper|search|losses)\//.test(name)).sort()

  const ofAdam = [
    'src/block/debias',
    'src/block/scaleByAdam',
    'src/block/scaleByLearningRate',
    'src/optimizer/adam',
  ]

  test('of one optimizer holds no other, by esbuild', async () => {
    const { modules, asks } = await bundled(user, adam)
    expect(parts(modules)).toEqual(ofAdam)
    expect(asks).toEqual([])
  })

  test('of one optimizer holds nothing of tensors', async () => {
    const { modules } = await bundled(user, adam)
    expect([...modules.keys()].filter((name) => /^src\/(host|compile)\/(tfjs|wgsl)\//.test(name))).toEqual([])
  })

  test('of one optimizer holds nothing that other steps bring', async () => {
    const { modules } = await bundled(user, adam)
    const brought =
      /^src\/(random\/erf|rule\/(takenOut|traversals)|host\/(parts|perLeaf|rounds|numbers\/(number|operators|giveUp|shares|reduced|rows\/\w+)|rows\/\w+|kernels\/reduce)|compile\/wasm\/(reductions|inColumns)|transform\/(sequence|ordinary)|declare\/(byAxes|takingArgs|declareAnyRule))$/
    expect([...modules.keys()].filter((name) => brought.test(name))).toEqual([])
    const all = (await bundled(user, `import * as gradpipe from 'gradpipe'`)).modules
    expect([...all.keys()].filter((name) => brought.test(name))).toHaveLength(28)
  })

  test.each([
    ['a schedule', 'fromTerm', 'fromTerm((count) => count.erf())(1)'],
    [
      'a rule',
      'fromRule',
      'fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.erf() }) }).update(1, {})[0]',
    ],
  ])('of %s of a user holds the error function', async (_, name, code) => {
    const { text } = await bundled(user, `console.log(${code}); import { ${name} } from 'gradpipe'`)
    expect(runNode(user, 'erf.mjs', text)).toMatch(/^0\.84270079/)
  })

  test('of one optimizer holds no other, by Vite', async () => {
    expect(parts((await viteBundled(user, adam)).modules)).toEqual(ofAdam)
  })

  test('of one schedule holds no optimizer, and asks for no TensorFlow.js', async () => {
    const { modules, asks } = await bundled(user, `import { constantSchedule } from 'gradpipe'`)
    expect(asks).toEqual([])
    // a schedule is a term, which the host computes
    const ofTerms = /^src\/(schedule|rule|compile\/(tape|float64)$|options|error|range)/
    expect([...modules.keys()].filter((name) => !ofTerms.test(name))).toEqual([])
  })

  test('of gradpipe without names is empty', async () => {
    expect((await bundled(user, `import 'gradpipe'`)).minified).toBe(0)
    expect((await viteBundled(user, `import 'gradpipe'`)).modules.size).toBe(0)
  })
})

/** A step of Adam on a tensor, whose first step is the learning rate. */
const onTensors = `
  import '@tensorflow/tfjs-backend-cpu'
  import * as tf from '@tensorflow/tfjs-core'
  import { adam, step } from 'gradpipe'
  await tf.setBackend('cpu')
  const tx = adam(0.25)
  const [params] = step(tx)({ w: tf.scalar(1) }, tx.init({ w: tf.scalar(1) }), { w: tf.scalar(4) })
  console.log((await params.w.data())[0].toFixed(6))`

describe('tensors stay leaves', () => {
  const bundlers: Readonly<Record<string, (code: string) => Promise<{ readonly text: string }>>> = {
    esbuild: (code) => bundled(user, code),
    'esbuild for Node': (code) => bundled(user, code, 'node'),
    Vite: (code) => viteBundled(user, code),
  }
  const imports = [
    `import 'gradpipe/tfjs'`,
    `import { losses } from 'gradpipe/tfjs'; console.log(typeof losses)`,
    `import { nn } from 'gradpipe/objax'; console.log(typeof nn)`,
  ]

  test.each(Object.keys(bundlers).flatMap((name) => imports.map((each) => [name, each] as const)))(
    'bundled by %s, for %s',
    async (name, each) => {
      const { text } = (await bundlers[name]?.(`${onTensors}\n${each}`)) ?? { text: '' }
      expect(runNode(user, 'bundled.mjs', text)).toMatch(/(^|\n)0\.750000(\n|$)/)
    },
  )
})

describe('only what makes tensors leaves has effects', () => {
  const dist = (): string => join(user, 'node_modules/gradpipe/dist')
  const modules = (): readonly (readonly [name: string, text: string])[] =>
    readdirSync(dist(), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js') && !name.startsWith('prebuilt'))
      .map((name) => [name, readFileSync(join(dist(), name), 'utf8')] as const)

  test('at its top, no other module has a statement that is not a declaration', () => {
    const declares = (statement: ts.Statement): boolean =>
      ts.isImportDeclaration(statement) ||
      ts.isExportDeclaration(statement) ||
      ts.isVariableStatement(statement) ||
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement)
    const others = modules().flatMap(([name, text]) =>
      ts
        .createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
        .statements.filter((statement) => !declares(statement))
        .map((statement) => `${name}: ${statement.getText().replace(/\(.*/s, '')}`),
    )
    expect(modules().length).toBeGreaterThan(300)
    expect(others).toEqual(
      ['bringLibrary', 'bring', 'bringReductions'].map((call) => `src/tfjs/tensors.js: ${call}`),
    )
  })

  test('the manifest names it, the entries that import it, and the prebuilt files', () => {
    const { sideEffects } = JSON.parse(readFileSync(join(dist(), '../package.json'), 'utf8'))
    const importers = modules().filter(
      ([name, text]) => /index\.js$/.test(name) && /^import '[^']*(tensors|tfjs\/index)\.js';/m.test(text),
    )
    const named = ['src/tfjs/tensors.js', ...importers.map(([name]) => name)]
    // a site that is built from the sources needs them, too
    const sources = named.map((name) => `./${name.replace(/js$/, 'ts')}`)
    const shipped = [...named, 'prebuilt/**/*.js'].map((name) => `./dist/${name}`)
    expect([...sideEffects].sort()).toEqual([...shipped, ...sources].sort())
  })

  test('loading every entry changes nothing else that others can see', () => {
    const source = `
      import * as tf from '@tensorflow/tfjs-core'
      import 'fast-check'
      const seen = () => JSON.stringify([
        Object.getOwnPropertyNames(globalThis),
        [Object, Array, Float32Array, Float64Array, Map, Function, tf.Tensor, tf.Variable, tf.Optimizer]
          .map((each) => [Object.getOwnPropertyNames(each), Object.getOwnPropertyNames(each.prototype)]),
        tf.engine().state.numTensors, Object.keys(tf.engine().registryFactory), tf.env().getFlags(),
        Object.keys(tf.serialization.SerializationMap.getMap().classNameMap),
        ['Adam', 'Add', 'Sqrt'].map((name) => [tf.getGradient(name) ?? null, tf.getKernel(name, 'cpu') ?? null]),
        process.listenerCount('exit'),
      ])
      const before = seen()
      for (const entry of ['', '/objax', '/checkpoint', '/export', '/fp-ts', '/tfjs', '/laws']) await import('gradpipe' + entry)
      const after = seen()
      console.log(after === before ? before.length > 1000 : before + '\\n' + after)`
    expect(runNode(user, 'seen.mjs', source)).toBe('true')
  })

  test('no text is made into code', () => {
    const makers = modules().flatMap(([name, text]) => {
      const found: string[] = []
      const visit = (node: ts.Node): void => {
        if (
          (ts.isCallExpression(node) || ts.isNewExpression(node)) &&
          /^(globalThis\.|window\.)?(eval|Function)$/.test(node.expression.getText(file))
        )
          found.push(`${name}: ${node.getText(file)}`)
        ts.forEachChild(node, visit)
      }
      const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022)
      visit(file)
      return found
    })
    expect(makers).toEqual([])
  })
})
