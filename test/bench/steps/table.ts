/** Whole training steps as tables: a row for each network. */
import type { Result } from '../result.js'
import { significant, table } from '../table.js'

type Find = (peer: string, layout: string) => Result | undefined

/** Peers over gradpipe on a backend, in the order of the columns. */
const ratios: readonly (readonly [peer: string, ours: string])[] = [
  ...['wasm', 'cpu', 'webgl', 'webgpu'].map((b) => [`tf.train, ${b}`, `gradpipe, ${b}`] as const),
  ['tf.train, cpu', 'gradpipe, wasm'],
  ...['jax-js', 'jax', 'torch'].map((peer) => [peer, 'gradpipe, wasm'] as const),
]

const ratioName = ([peer, ours]: readonly [string, string]): string => {
  const [library = '', backend = ''] = peer.split(', ')
  if (backend === '') return `${library} / ${ours}`
  return ours.endsWith(backend) ? `${library} / gradpipe, both ${backend}` : `${peer} / ${ours}`
}

/** A step that was taken less than this often is marked. */
const few = 3

const unique = <A>(all: readonly A[]): readonly A[] => [...new Set(all)]

/** The columns that have anything in them; no table, where none has. */
const nonEmpty = (
  title: string,
  networks: readonly string[],
  columns: readonly (readonly [head: string, cell: (network: string) => string])[],
): readonly string[] => {
  const used = columns.filter(([, cell]) => networks.some((network) => cell(network) !== ''))
  const rows = networks.map((network) => [network, ...used.map(([, cell]) => cell(network))])
  return used.length === 0 ? [] : [table([title, ...used.map(([head]) => head)], rows)]
}

const steps = (results: readonly Result[]): readonly string[] => {
  const networks = unique(results.map(({ layout }) => layout))
  const peers = unique(results.map(({ peer }) => peer))
  const find: Find = (peer, layout) => results.find((r) => r.peer === peer && r.layout === layout)
  const rare = results.some(({ readings }) => readings < few)
  return [
    ...nonEmpty(
      'training step, ms',
      networks,
      peers.map((peer) => [
        peer,
        (network) => {
          const found = find(peer, network)
          return found ? `${significant(found.ms)}${found.readings < few ? '*' : ''}` : ''
        },
      ]),
    ),
    ...(rare ? [`\\* of fewer than ${few} steps`] : []),
    ...nonEmpty(
      'how many times as long',
      networks,
      ratios.map((pair) => [
        ratioName(pair),
        (network) => {
          const [theirs, ours] = [find(pair[0], network), find(pair[1], network)]
          return theirs && ours ? significant(theirs.ms / ours.ms) : ''
        },
      ]),
    ),
    ...nonEmpty(
      'share of a step that is the optimizer’s',
      networks,
      peers.map((peer) => [
        peer,
        (network) => {
          const found = find(peer, network)
          return found?.optimizer === undefined ? '' : `${Math.round((100 * found.optimizer) / found.ms)} %`
        },
      ]),
    ),
  ]
}

const convolutions = (results: readonly Result[]): readonly string[] => {
  const find: Find = (peer, layout) => results.find((r) => r.peer === peer && r.layout === layout)
  const ms = (peer: string) => (layout: string) => significant(find(peer, layout)?.ms ?? Number.NaN)
  return [
    ...nonEmpty('convolution of 3 × 3, batch 32, WASM, ms', unique(results.map(({ layout }) => layout)), [
      ['forward', ms('forward')],
      ['both gradients', ms('both gradients')],
      [
        'gradients / forward',
        (layout) =>
          significant(
            (find('both gradients', layout)?.ms ?? Number.NaN) / (find('forward', layout)?.ms ?? Number.NaN),
          ),
      ],
    ]),
  ]
}

/** The tables of what was measured; nothing where nothing was. */
export const stepsText = (results: readonly Result[]): string => {
  const [whole, convolved] = (['training step', 'convolution'] as const).map((rule) =>
    results.filter((r) => r.rule === rule),
  )
  return [...(whole?.length ? steps(whole) : []), ...(convolved?.length ? convolutions(convolved) : [])].join(
    '\n\n',
  )
}
