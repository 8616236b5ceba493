/** A guide and a reference as TypeDoc writes them with the plugin of this project, small enough for a test. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Application } from 'typedoc'
import { expect } from 'vitest'
import { load } from '../../docs/plugin/index.js'

const root = join(import.meta.dirname, '../..')

/** The README's order is not the alphabet's. */
const readme = `# gradpipe

## Where to read on

[Zeroth](docs/zeroth.md) · [Another](docs/another.md)
`

const fence = '```'

/** What the tests run: one example that prints, and one that goes on from it on WASM. */
const zeroth = `---
title: Zeroth
---

# Zeroth

${fence}ts
import { type GradientTransformation, sgd, step } from 'gradpipe'

const tx: GradientTransformation = sgd(0.5)
const [next] = step(tx)([4, 2], tx.init([4, 2]), [2, 0])
console.log('next', next, { of: new Float32Array(2) })
assert.deepEqual(next, [3, 2])
${fence}

It goes on:

${fence}ts continues
import * as tf from '@tensorflow/tfjs'
import * as E from 'fp-ts/lib/Either.js'
import { valueAndGrad } from 'gradpipe/tfjs'

await tf.setBackend('wasm')
const w = tf.tensor1d([...next])
const { value, grads } = valueAndGrad((at: tf.Tensor1D) => at.square().sum())(w)
console.log(tf.getBackend(), value.arraySync(), grads.arraySync(), E.right(1)._tag)
tf.dispose([w, value, grads])
${fence}

${fence}ts no-run it is only shown
nothing()
${fence}

${fence}ts
import { tmpdir } from 'node:os'
${fence}

${fence}js
alert('no example')
${fence}
`

const files: Readonly<Record<string, string>> = {
  'README.md': readme,
  'docs/another.md': '# Another\n\nNothing to run.\n',
  'docs/zeroth.md': zeroth,
  'tsconfig.json':
    '{ "compilerOptions": { "lib": ["ES5"], "types": [], "strict": true }, "files": ["index.ts", "tfjs.ts"] }',
  'index.ts': `/**\n * The main entry.\n *\n * @module gradpipe\n */\n
/**\n * One.\n *\n * @category Numbers\n * @example\n * ${fence}ts\n * assert.equal(1, 1)\n * ${fence}\n */
export const one = 1\n`,
  'tfjs.ts': `/**\n * Another entry.\n *\n * @module gradpipe/tfjs\n */\n
/**\n * Two.\n *\n * @category Numbers\n */\nexport const two = 2\n`,
}

/** Writes the pages into a folder. */
export const guideInto = async (folder: string): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'source', name)), { recursive: true })
    await writeFile(join(folder, 'source', name), text)
  }
  const source = (name: string): string => join(folder, 'source', name)
  // the options of the project, but for what is of its sources; the plugin is given as what has been loaded
  const { plugin, customCss, ...options } = JSON.parse(await readFile(join(root, 'typedoc.json'), 'utf8'))
  expect(plugin).toEqual(['./docs/plugin/index.ts'])
  const own = {
    ...options,
    customCss: join(root, customCss),
    entryPoints: ['index.ts', 'tfjs.ts'],
    tsconfig: 'tsconfig.json',
    readme: 'README.md',
    intentionallyNotDocumented: [],
    intentionallyNotExported: [],
    logLevel: 'Warn',
  }
  await writeFile(source('typedoc.json'), JSON.stringify(own))
  const app = await Application.bootstrapWithPlugins({ options: source('typedoc.json'), plugin: [load] })
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc converted nothing')
  app.validate(project)
  await app.generateDocs(project, folder)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc complains')
}
