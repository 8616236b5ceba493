/**
 * From a case's configuration, which speaks Optax, to a value of this library.
 *
 * The calling convention is derived from Optax's signatures: up to two required parameters stand by position,
 * then one options object; three or more make one object of all. A `learning_rate`, and the `weight_decay` of
 * `add_decayed_weights`, come first by position even where they are optional.
 */
import * as tf from '@tensorflow/tfjs-core'
import { max, norm } from '../../src/declare/reduction.js'
import type { ExtraArgs } from '../../src/program/program.js'
import type { Leaf, LeafSpec, Params } from '../../src/rule/leaf.js'
import { NdArray, ndarray } from '../../src/rule/ndarray.js'
import { select, type Term } from '../../src/rule/term.js'
import { fromRule } from '../../src/transform/fromAnyRule.js'
import type { Measure } from '../../src/transform/measure.js'
import { zipWith } from '../../src/tree/align.js'
import { camel, type GoldenCase, type Json, readGoldens } from './golden.js'

/** The public names, as `import * as gradpipe` gives them. */
export type Library = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly required: boolean
  /** The default as Python writes it. */
  readonly fallback: string | undefined
}

interface Signatures {
  readonly optax: Readonly<Record<string, string>>
  readonly 'optax.contrib': Readonly<Record<string, string>>
}

const signatures: Signatures = readGoldens('optax_signatures')

/** What is a class in Optax and so has no signature among those of functions. */
const classes: Readonly<Record<string, string>> = {
  MultiSteps:
    'opt, every_k_schedule, use_grad_mean=True, should_skip_update_fn=None, accumulator_dtype=float32',
}

/** Names that are another's second name in Optax. */
const synonyms: Readonly<Record<string, string>> = {
  multi_transform: 'partition',
}

/** What a name of Optax is called here. */
export const ourName = (name: string): string =>
  camel(synonyms[name] ?? name).replace(/^[A-Z]/, (letter) => letter.toLowerCase())

/** `a, b=(1, 2), *, c=3` → the parameters; undefined for `...args`. */
const parametersOf = (name: string): readonly Parameter[] | undefined => {
  const signature = signatures.optax[name] ?? signatures['optax.contrib'][name] ?? classes[name]
  if (signature === undefined) throw new Error(`Optax has no ${name}`)
  if (signature.startsWith('...')) return undefined
  // a comma inside of parentheses belongs to a default
  const parts = signature.match(/(?:[^,(]|\([^)]*\))+/g) ?? []
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '*')
    .map((part) => {
      const [parameter = '', fallback] = part.split('=')
      return { name: parameter, required: fallback === undefined, fallback }
    })
}

/** The parameters that stand by position, in this order. */
export const positionalOf = (name: string): readonly string[] => {
  const parameters = parametersOf(name) ?? []
  const [first] = parameters
  const required = parameters.filter((parameter) => parameter.required).map((parameter) => parameter.name)
  const leads =
    first?.name === 'learning_rate' || (name === 'add_decayed_weights' && first?.name === 'weight_decay')
  if (leads) {
    const others = required.filter((parameter) => parameter !== first.name)
    return [first.name, ...(others.length <= 1 ? others : [])]
  }
  return required.length <= 2 ? required : []
}

/** The rank of a leaf: that of its shape for tensors; flat arrays have lost theirs, so it is looked up. */
export type RankOf = (leaf: LeafSpec) => number

/** Stands for a value that has no meaning here: a dtype. */
const ignored: unique symbol = Symbol('ignored')

type Values = Readonly<Record<string, unknown>>

const isRecord = (node: Json): node is Readonly<Record<string, Json>> =>
  typeof node === 'object' && node !== null && !Array.isArray(node)

const record = (node: Json): Readonly<Record<string, Json>> => (isRecord(node) ? node : {})

const isPairs = (node: Json): node is readonly (readonly [number, Json])[] =>
  Array.isArray(node) && node.every((pair) => Array.isArray(pair) && pair.length === 2)

const stepFunction =
  (points: readonly (readonly [number, unknown])[]) =>
  (count: number): unknown =>
    points.filter(([start]) => count >= start).at(-1)?.[1]

/** An extra argument that a condition looks at: a tensor is read. */
const onHost = (value: unknown): number =>
  value instanceof tf.Tensor ? Number(value.dataSync()[0]) : Number(value)

/** `$fn`: of whole trees for `stateless`, of terms for `stateless_with_tree_map`. */
const functions: Readonly<Record<string, unknown>> = {
  'u + 0.1 p': (updates: Params, params: Params) => {
    const sum = zipWith((u: Leaf, p: Leaf): Leaf => {
      if (u instanceof tf.Tensor && p instanceof tf.Tensor) return tf.add(u, tf.mul(p, 0.1))
      if (u instanceof Float32Array && p instanceof Float32Array)
        return u.map((x, i) => x + 0.1 * (p[i] ?? 0))
      if (u instanceof NdArray && p instanceof NdArray)
        return ndarray(
          u.data.map((x, i) => x + 0.1 * (p.data[i] ?? 0)),
          u.shape,
        )
      if (u instanceof Float64Array && p instanceof Float64Array)
        return u.map((x, i) => x + 0.1 * (p[i] ?? 0))
      return Number(u) + 0.1 * Number(p)
    })(updates, params)
    if (sum._tag === 'Left') throw sum.left
    return sum.right
  },
  'sign(u) |p|': (u: Term<'element'>, p: Term<'element'>) => u.sign().mul(p.abs()),
}

/** `$measure`: of terms. */
const measures: Readonly<Record<string, Measure>> = {
  norm: (u) => norm(u, 'tree'),
  max: (u) => max(u, 'tree'),
  'norm > 4': (u) => select(norm(u, 'tree').gt(4), 1, 0),
}

const writtenFunction = (notation: string, known: Readonly<Record<string, unknown>>, text: Json): unknown => {
  const found = known[String(text)]
  if (found === undefined) throw new Error(`no such ${notation}: ${text}`)
  return found
}

/** The catalogue of a library: `resolve` makes the value that a configuration describes. */
export const catalogue = (library: Library, rankOf: RankOf): ((spec: Json) => unknown) => {
  /** `{ "$key": argument }` stands for one of these. */
  const notations: Readonly<Record<string, (argument: Json) => unknown>> = {
    $dtype: () => ignored,
    $mask: (condition) => {
      const [, operator, bound] = /^ndim (>=|<) (\d)$/.exec(String(condition)) ?? []
      if (operator === undefined) throw new Error(`no such mask: ${condition}`)
      return (leaf: LeafSpec) => rankOf(leaf) >= Number(bound) === (operator === '>=')
    },
    $labels: (labels) => {
      if (!Array.isArray(labels)) throw new Error(`no such labels: ${labels}`)
      return (leaf: LeafSpec) => labels[Math.min(rankOf(leaf), labels.length - 1)]
    },
    $steps: (points) => {
      if (!isPairs(points)) throw new Error(`no such steps: ${points}`)
      return stepFunction(points.map(([start, value]) => [start, resolve(value)]))
    },
    $pairs: (pairs) => {
      if (!isPairs(pairs)) throw new Error(`no such pairs: ${pairs}`)
      return Object.fromEntries(pairs)
    },
    $tuple: (items) => resolve(items),
    $muon_dimensions: (axes) => {
      if (!Array.isArray(axes)) throw new Error(`no such axes: ${axes}`)
      return { reductionAxis: axes[0], outputAxis: axes[1] }
    },
    $every: (k) => (step: number) => step % Number(k) === 0,
    $before: (k) => (step: number) => step < Number(k),
    $value_above: (bound) => (_: number, extraArgs: ExtraArgs) => onHost(extraArgs.value) > Number(bound),
    $skip: (rule) => {
      if (rule === 'not_finite') return library.skipNotFinite
      const largest = record(rule).max_squared_norm
      const { skipLargeUpdates } = library
      if (largest === undefined || typeof skipLargeUpdates !== 'function')
        throw new Error(`no such reason to skip: ${JSON.stringify(rule)}`)
      return skipLargeUpdates(largest)
    },
    $hessian: (estimate) => {
      if (estimate !== 'grad_squared') throw new Error(`no such estimate: ${estimate}`)
      return fromRule({ slots: {}, scalars: {}, step: ({ g }) => ({ update: g.square() }) })
    },
    $fn: (text) => writtenFunction('$fn', functions, text),
    $measure: (text) => writtenFunction('$measure', measures, text),
  }

  const call = (name: string, given: Values, rest: readonly unknown[] = []): unknown => {
    const factory = library[ourName(name)]
    if (typeof factory !== 'function') throw new Error(`the library has no ${ourName(name)}`)
    const positional = positionalOf(synonyms[name] ?? name)
    const chosen = Object.entries(given).filter(
      ([key, value]) => !positional.includes(key) && value !== undefined && value !== ignored,
    )
    const named = Object.fromEntries(chosen.map(([key, value]) => [camel(key), value]))
    return factory(...positional.map((key) => given[key]), ...(chosen.length > 0 ? [named] : []), ...rest)
  }

  /** `inject_hyperparams(factory, static_args)(**hyperparams)`; ours takes a function of the hyperparameters. */
  const inject = (name: string, spec: Readonly<Record<string, Json>>): unknown => {
    const [marker = null] = Array.isArray(spec.args) ? spec.args : []
    const factory = record(marker).$factory
    if (typeof factory !== 'string') throw new Error('no factory to inject into')
    const fixed = record(spec.config ?? null).static_args ?? []
    const given = Object.entries(record(spec.call ?? null)).map(
      ([key, value]) => [key, resolve(value)] as const,
    )
    const isFixed = ([key]: readonly [string, unknown]): boolean =>
      Array.isArray(fixed) && fixed.includes(key)
    const statics = Object.fromEntries(given.filter(isFixed))
    const hyperparams = given.filter((entry) => !isFixed(entry))
    const make = (values: Values): unknown =>
      call(factory, {
        ...statics,
        ...Object.fromEntries(hyperparams.map(([key]) => [key, values[camel(key)]])),
      })
    const injection = library[ourName(name)]
    if (typeof injection !== 'function') throw new Error(`the library has no ${ourName(name)}`)
    return injection(make)(Object.fromEntries(hyperparams.map(([key, value]) => [camel(key), value])))
  }

  const named = (name: string, spec: Readonly<Record<string, Json>>): unknown => {
    if (/^inject_.*hyperparams$/.test(name)) return inject(name, spec)
    const args = Array.isArray(spec.args) ? spec.args.map(resolve) : []
    const config: Record<string, unknown> = {}
    const parameters = parametersOf(name)
    for (const [key, value] of Object.entries(record(spec.config ?? null))) {
      // None is Optax's "not given", unless something is the default that None switches off
      const fallback = parameters?.find((parameter) => parameter.name === key)?.fallback
      const none = fallback === undefined || fallback === 'None' ? undefined : null
      config[key] = resolve(value) ?? none
    }
    // the only argument that is itself a list of arguments
    if (name === 'sgdr_schedule' && Array.isArray(config.cosine_kwargs)) {
      config.cosine_kwargs = config.cosine_kwargs.map((cycle: Values) =>
        Object.fromEntries(Object.entries(cycle).map(([key, value]) => [camel(key), value])),
      )
    }
    if (parameters === undefined) return call(name, config, args)
    for (const [i, value] of args.entries()) {
      const parameter = parameters[i]
      if (parameter === undefined) throw new Error(`${name} takes ${parameters.length} arguments`)
      config[parameter.name] = value
    }
    return call(name, config)
  }

  const resolve = (spec: Json): unknown => {
    if (Array.isArray(spec)) return spec.map(resolve)
    // a choice by its name
    if (typeof spec === 'string') return camel(spec)
    if (!isRecord(spec)) return spec
    if (typeof spec.name === 'string') return named(spec.name, spec)
    const [first, ...others] = Object.entries(spec)
    if (first !== undefined && others.length === 0 && first[0].startsWith('$')) {
      const notation = notations[first[0]]
      if (notation === undefined) throw new Error(`no such notation: ${first[0]}`)
      return notation(first[1])
    }
    return Object.fromEntries(Object.entries(spec).map(([key, value]) => [key, resolve(value)]))
  }

  return resolve
}

/** All of Optax's names that a configuration calls, the nested ones too. */
export const namesIn = (spec: Json | undefined): readonly string[] => {
  if (Array.isArray(spec)) return spec.flatMap((child: Json) => namesIn(child))
  if (spec === undefined || !isRecord(spec)) return []
  const own = [spec.name, spec.$factory].filter((name) => typeof name === 'string')
  return [...own, ...Object.values(spec).flatMap(namesIn)]
}

/** All of Optax's names that a case calls, its own included. */
export const namesOf = ({
  name,
  args,
  config,
  call,
}: Pick<GoldenCase, 'name' | 'args' | 'config' | 'call'>): readonly string[] =>
  namesIn({ name, config, args: args ?? null, call: call ?? null })
