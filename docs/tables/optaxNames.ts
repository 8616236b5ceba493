/** Every public name of Optax, and where it is here; or why it is not. */
import { readFileSync } from 'node:fs'
import * as gradpipe from 'gradpipe'
import * as tfjs from 'gradpipe/tfjs'

/** Optax's callables by module, as `test/goldens/signatures.py` has listed them. */
type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>

const signatures: Signatures = JSON.parse(
  readFileSync(new URL('../../test/goldens/optax_signatures.json', import.meta.url), 'utf8'),
)

/** Modules of Optax, and the namespace that theirs are exported in here. */
const modules: Readonly<Record<string, string>> = {
  optax: '',
  'optax.contrib': '',
  'optax.losses': 'losses',
  'optax.projections': 'projections',
  'optax.tree': 'tree',
}

/** Names that are not Optax's in camelCase. */
export const renamed: Readonly<Record<string, string>> = {
  'optax.MaskOrFn': 'Mask',
  'optax.MultiSteps': 'multiSteps',
  'optax.OptState': 'StateOf',
  'optax.Params': 'Params',
  'optax.ScalarOrSchedule': 'LearningRate',
  'optax.Updates': 'Params',
  'optax.bias_correction': 'tree.biasCorrection',
  'optax.multi_transform': 'partition',
  'optax.tree_map_params': 'tree.mapParams',
  'optax.update_infinity_moment': 'tree.updateInfinityMoment',
  'optax.update_moment': 'tree.updateMoment',
  'optax.update_moment_per_elem_norm': 'tree.updateMomentPerElemNorm',
}

const complex = 'complex numbers'
const keys = 'a key is plain data: two numbers'
const numeric = 'a numeric helper that no optimizer here shows to its user'

/** What is left out, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  'optax.init_empty_state': 'a transformation without state is a rule without slots',
  'optax.matrix_inverse_pth_root': numeric,
  'optax.microbatch': 'transforms functions of a batch, not gradients',
  'optax.multi_normal': numeric,
  'optax.nnls': numeric,
  'optax.power_iteration': numeric,
  'optax.safe_increment': 'a count is a number, which does not overflow',
  'optax.safe_int32_increment': 'a count is a number, which does not overflow',
  'optax.safe_norm': numeric,
  'optax.safe_root_mean_squares': numeric,
  'optax.scale_gradient': numeric,
  'optax.with_extra_args_support': 'every transformation takes extra arguments',
  'optax.contrib.split_real_and_imaginary': complex,
  'optax.tree.conj': complex,
  'optax.tree.real': complex,
  'optax.tree.unwrap_random_key_data': keys,
}

/** Whole modules that are left out. */
const leftOutModules: readonly (readonly [module: string, reason: string])[] = [
  ['optax.assignment', 'assignment problems: not an optimizer of parameters'],
  ['optax.experimental', 'experimental'],
  ['optax.perturbations', 'differentiates through a perturbed argmax: not an optimizer'],
  [
    'optax.second_order',
    'diagonals of Hessians: needs forward-mode differentiation, which TensorFlow.js has not',
  ],
]

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** What a name of Optax is called here. */
export const ourName = (module: string, name: string): string => {
  const namespace = modules[module] ?? ''
  return renamed[`${module}.${name}`] ?? [namespace, camel(name)].filter((part) => part !== '').join('.')
}

/** All of Optax's names, by module. */
export const optaxNames = (): readonly (readonly [module: string, name: string])[] =>
  Object.keys(modules).flatMap((module) => {
    const own = Object.keys(signatures[module] ?? {})
    const classes = module === 'optax' ? ['MultiSteps'] : []
    return [...own, ...classes].sort().map((name) => [module, name] as const)
  })

/** What the library exports under a dotted name; `undefined` if nothing. */
export const exported = (name: string): unknown =>
  name
    .split('.')
    .reduce<unknown>(
      (from, key) =>
        typeof from === 'object' && from !== null ? new Map(Object.entries(from)).get(key) : undefined,
      { ...tfjs, ...gradpipe },
    )

const rowOf = (module: string, name: string): string => {
  const reason = leftOut[`${module}.${name}`]
  return `| \`${module}.${name}\` | ${reason === undefined ? `\`${ourName(module, name)}\`` : `left out: ${reason}`} |`
}

/** The page: a table per module. */
export const optaxPage = (): string =>
  [
    '---',
    'title: Optax, name by name',
    'names: linked',
    '---',
    '',
    '# Optax, name by name',
    '',
    'Every public function of Optax 0.2.8, and what it is called here. Written by `npm run tables`; a test holds it',
    'against the exports. `losses` are of `gradpipe/tfjs`, since they are made of tensors; all else is of `gradpipe`.',
    '',
    ...Object.keys(modules).flatMap((module) => [
      `## ${module}`,
      '',
      '| Optax | here |',
      '|---|---|',
      ...optaxNames()
        .filter(([of]) => of === module)
        .map(([of, name]) => rowOf(of, name)),
      '',
    ]),
    '## Modules that are left out',
    '',
    '| Optax | why |',
    '|---|---|',
    ...leftOutModules.map(([module, reason]) => `| \`${module}\` | ${reason} |`),
    '',
  ].join('\n')
