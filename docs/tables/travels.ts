/** Every transformation of the catalogue, and whether it travels to JAX and to PyTorch, or why not. */
import { type AnyTransformation, GradpipeError, ndarray } from 'gradpipe'
import { toOptax, toTorch } from 'gradpipe/export'
import { catalogue } from 'gradpipe/laws'

/** Why factories make what is code and no data; their options do not change that. */
const reasons: Readonly<Record<string, string>> = {
  scaleByGalore: 'singular vectors',
  galore: 'singular vectors',
  scaleByLbfgs: 'the last steps, as many as there are so far',
  lbfgs: 'the last steps, as many as there are so far',
  scaleByBacktrackingLinesearch: 'a search along a line',
  scaleByZoomLinesearch: 'a search along a line',
  addNoise: 'random numbers',
  noisySgd: 'random numbers',
  applyIfFinite: 'a value from the device decides',
  reduceOnPlateau: 'a value from the device decides',
  flatten: 'leaves of another structure',
  lookahead: 'pairs of parameters',
  stateless: `a function of the user's`,
}

const params = { matrix: ndarray(new Float32Array(4), [2, 2]), vector: new Float32Array(2), number: 0 }

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The engines, and what prints for them. */
const engines: Readonly<Record<string, typeof toOptax>> = { JAX: toOptax, PyTorch: toTorch }

/** Why a row does not travel to an engine; `undefined` of one that does. */
export const whyNot = (
  { name, make }: (typeof catalogue)[number],
  print: typeof toOptax = toOptax,
  tx: AnyTransformation = make(),
): string | undefined => {
  try {
    print(tx, params, { steps: 40 })
    return undefined
  } catch (error) {
    if (!(error instanceof GradpipeError) || error._tag !== 'InvalidArgument') throw error
    if (!error.given.startsWith('an ordinary one')) return error.given
    return reasons[name] ?? 'a value from the device decides'
  }
}

/** The page. */
export const travelsPage = (): string => {
  const rows = catalogue
    // the laws' own way to take the rules away from a transformation
    .filter(({ call }) => !call.includes('ordinary('))
    .map((row) => {
      const tx = row.make()
      return { call: row.call, why: Object.values(engines).map((print) => whyNot(row, print, tx)) }
    })
  const there = rows.filter(({ why }) => why.includes(undefined))
  const counts = Object.keys(engines).map((_, i) => rows.filter(({ why }) => why[i] === undefined).length)
  return [
    '---',
    'title: What travels',
    '---',
    '',
    '<!-- written by `npm run tables` -->',
    '',
    '# What travels',
    '',
    `Of the ${rows.length} transformations that the laws are checked on, [gradpipe/export](export.md) prints ${counts[0]} as modules for JAX, by \`toOptax\`, and ${counts[1]} for PyTorch, by \`toTorch\`. The others are no data: what they need is code.`,
    '',
    '| does not travel | since it needs |',
    '|---|---|',
    ...rows.flatMap(({ call, why }) =>
      why.includes(undefined) ? [] : [`| \`${cell(call)}\` | ${[...new Set(why)].join('; ')} |`],
    ),
    '',
    `| travels | ${Object.keys(engines).join(' | ')} |`,
    `|---|${Object.keys(engines)
      .map(() => '---|')
      .join('')}`,
    ...there.map(
      ({ call, why }) => `| \`${cell(call)}\` | ${why.map((each) => each ?? 'yes').join(' | ')} |`,
    ),
    '',
  ].join('\n')
}
