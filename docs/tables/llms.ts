/**
 * Pages for readers who are programs: `llms.txt`, in the form of https://llmstxt.org, and every factory with its
 * options, defaults and an example as one page of Markdown. The site has both, and the guide in Markdown, at its root.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as gradpipe from 'gradpipe'
import { catalogue } from 'gradpipe/laws'
import { inReadingOrder } from '../plugin/pages.js'
import { formulaOf } from '../plugin/rule.js'
import { categories, type Factory, factories } from './factories.js'

const root = join(import.meta.dirname, '../..')

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A comment as plain Markdown: rules as formulas, links as code. */
const plain = (text: string): string =>
  text
    .replace(
      /\{@rule\s+(`[^`]*`|[^}]*)\s*\}/g,
      (_, expression: string) => `$$${formulaOf(expression.trim())}$$`,
    )
    .replace(
      /\{@link\s+([^}|]*?)(?:\s*\|\s*([^}]*))?\}/g,
      (_, name: string, label?: string) => `\`${label ?? name}\``,
    )

/** The first sentence, for a list. */
const sentenceOf = ({ text }: Factory): string => {
  const [paragraph = ''] = plain(text).split('\n\n')
  const flat = paragraph.replace(/\s+/g, ' ')
  return /^.*?\.(?= |$)/.exec(flat)?.[0] ?? flat
}

const all = (): readonly Factory[] => factories(new Set(Object.keys(gradpipe)))

const section = (factory: Factory): readonly string[] => {
  const calls = catalogue.flatMap(({ name, call }) => (name === factory.name ? [call] : []))
  const [call] = calls.filter((each) => !each.includes('ordinary('))
  return [
    `### ${factory.name}`,
    '',
    `\`${factory.call}\``,
    '',
    plain(factory.text),
    '',
    ...(factory.options.length === 0
      ? []
      : [
          'Options:',
          '',
          ...factory.options.map(({ name, type, text }) => `- \`${name}: ${type}\`. ${plain(text)}`),
          '',
        ]),
    ...(call === undefined ? [] : [`For instance \`${call}\`.`, '']),
    ...(factory.example === undefined ? [] : ['```ts', factory.example, '```', '']),
  ]
}

/** Every factory. */
export const factoriesPage = (): string => {
  const found = all()
  return [
    '# Every factory of gradpipe',
    '',
    'Written by `npm run tables` from the sources and the catalogue of the laws. All are exported by `gradpipe`; in the',
    'examples, `assert` is that of Node.',
    '',
    ...categories.flatMap((category) => {
      const own = found.filter((factory) => factory.category === category)
      return own.length === 0 ? [] : [`## ${category}`, '', ...own.flatMap(section)]
    }),
  ].join('\n')
}

const titleOf = (page: string): string => /^title: (.*)$/m.exec(page)?.[1] ?? page

/** llms.txt. */
export const llmsText = (): string => {
  // the manifest of the package itself
  const { description } = JSON.parse(read('package.json')) as { readonly description: string }
  const pages = inReadingOrder(
    read('README.md'),
    readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  )
  const found = all()
  return [
    '# gradpipe',
    '',
    `> ${description}`,
    '',
    '- A transformation is `{ init(params), update(grads, state, params, extraArgs) }`, both pure; `step(tx)` updates and applies in one pass.',
    '- Parameters are trees: nested records and arrays of numbers, `Float64Array`, `Float32Array` or tensors. `null` is "nothing here".',
    "- `gradpipe` needs no other package. Tensors of TensorFlow.js are leaves after `import 'gradpipe/tfjs'`.",
    '- Names, options and defaults are those of Optax in camelCase: `optax.adam(1e-3, b1=0.9)` is `adam(1e-3, { b1: 0.9 })`.',
    '- Curves are fitted by `minimize(objective, x0)`.',
    '- Mistakes throw a `GradpipeError` with `_tag`, `path`, `expected` and `given`; checkpoints return an `Either`.',
    '',
    '## Guide',
    '',
    ...pages.map((page) => `- [${titleOf(read(page))}](${page.replace('docs/', 'markdown/')})`),
    '',
    '## Factories',
    '',
    'Options, defaults and an example of each: [Every factory](markdown/factories.md).',
    '',
    ...found.map(
      (factory) =>
        `- [${factory.name}](markdown/factories.md#${factory.name.toLowerCase()}): ${sentenceOf(factory)}`,
    ),
    '',
  ].join('\n')
}
