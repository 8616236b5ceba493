/** The optimizers that race: how each is made of its settings, and which ranges make sense for two numbers. */
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  dog,
  type GradientTransformation,
  lbfgs,
  lion,
  nadam,
  prodigy,
  rmsprop,
  rprop,
  sgd,
  type ValueAndGradFnArgs,
  yogi,
} from 'gradpipe'

/** A number that can be set. */
export interface Setting {
  readonly name: string
  readonly title: string
  readonly initial: number
  readonly min: number
  readonly max: number
  /**
   * How a slider goes from the lowest to the highest number: evenly; in whole numbers; by powers, from a lowest above 0;
   * or, for what is nearly 1, by powers of the distance to 1.
   */
  readonly scale: 'even' | 'whole' | 'log' | 'nearOne'
}

/** Numbers by the names of settings. */
export type Settings = Readonly<Record<string, number>>

export interface Optimizer {
  readonly name: string
  readonly title: string
  readonly settings: readonly Setting[]
  /** An optimizer of these settings; those that are not given are as usual. */
  readonly make: (settings: Settings) => GradientTransformation<unknown, ValueAndGradFnArgs>
  /** The same as an expression in TypeScript. */
  readonly code: (settings: Settings) => string
  /** The name in `gradpipe` that the expression begins with. */
  readonly factory: string
  /** Whether it looks for the loss elsewhere, beside the gradient. */
  readonly searches: boolean
  /** Its description as JSON, if an address brought it. */
  readonly description?: string
}

// settings

/** The name of the setting that is a factory's first argument. */
export const learningRate = 'learningRate'

const rate = (initial: number, min = 1e-4, max = 1): Omit<Setting, 'name'> => ({
  title: 'Learning rate η',
  initial,
  min,
  max,
  scale: 'log',
})

/** How much of the past stays: nearly 1. */
const memory = (title: string, initial: number, max: number): Omit<Setting, 'name'> => ({
  title,
  initial,
  min: 0,
  max,
  scale: 'nearOne',
})

const [b1, b2, momentum] = [
  memory('β₁', 0.9, 0.99),
  memory('β₂', 0.999, 0.9999),
  memory('Momentum β', 0.9, 0.99),
]

const weightDecay = (initial: number): Omit<Setting, 'name'> => ({
  title: 'Weight decay λ',
  initial,
  min: 0,
  max: 0.1,
  scale: 'even',
})

// the table

type Transformation = ReturnType<Optimizer['make']>

/** What is in a row besides name and title; `fixed` are options that cannot be set, as code. */
interface Row<K extends string> {
  readonly settings: Readonly<Record<K, Omit<Setting, 'name'>>>
  readonly make: (settings: Readonly<Record<K, number>>) => Transformation
  readonly fixed?: Readonly<Record<string, string>>
  readonly searches?: boolean
}

const row = <K extends string>(
  name: string,
  title: string,
  factory: string,
  { settings: given, make, fixed = {}, searches = false }: Row<K>,
): Optimizer => {
  const settings = Object.entries<Omit<Setting, 'name'>>(given).map(([name, setting]) => ({
    ...setting,
    name,
  }))
  const all = (some: Settings): (readonly [name: string, value: number])[] =>
    settings.map(({ name, initial }) => [name, some[name] ?? initial])
  return {
    name,
    title,
    settings,
    factory,
    searches,
    // they have the names in `given`, which are K
    make: (some) => make(Object.fromEntries(all(some)) as Record<K, number>),
    code: (some) => {
      const first = all(some).find(([name]) => name === learningRate)?.[1]
      const options = [...all(some).filter(([name]) => name !== learningRate), ...Object.entries(fixed)]
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ')
      return `${factory}(${first}${options && `, { ${options} }`})`
    },
  }
}

/** In the order of the page; colours and dashes go by it. */
export const optimizers: readonly Optimizer[] = [
  row('sgd', 'SGD', 'sgd', { settings: { learningRate: rate(0.02) }, make: (s) => sgd(s.learningRate) }),
  row('momentum', 'Momentum', 'sgd', {
    settings: { learningRate: rate(0.01), momentum },
    make: ({ learningRate, momentum }) => sgd(learningRate, { momentum }),
  }),
  row('adam', 'Adam', 'adam', {
    settings: { learningRate: rate(0.1), b1, b2 },
    make: ({ learningRate, ...options }) => adam(learningRate, options),
  }),
  row('rmsprop', 'RMSprop', 'rmsprop', {
    settings: { learningRate: rate(0.03), decay: memory('Decay β', 0.9, 0.999) },
    make: ({ learningRate, ...options }) => rmsprop(learningRate, options),
  }),
  row('lion', 'Lion', 'lion', {
    settings: { learningRate: rate(0.03), b1, b2: memory('β₂', 0.99, 0.9999), weightDecay: weightDecay(0) },
    make: ({ learningRate, ...options }) => lion(learningRate, options),
  }),
  row('lbfgs', 'L-BFGS', 'lbfgs', {
    settings: { memorySize: { title: 'Memory', initial: 10, min: 1, max: 20, scale: 'whole' } },
    make: (options) => lbfgs(undefined, options),
    searches: true,
  }),
  row('nesterov', 'Nesterov', 'sgd', {
    settings: { learningRate: rate(0.01), momentum },
    make: ({ learningRate, momentum }) => sgd(learningRate, { momentum, nesterov: true }),
    fixed: { nesterov: 'true' },
  }),
  row('nadam', 'Nadam', 'nadam', {
    settings: { learningRate: rate(0.1), b1, b2 },
    make: ({ learningRate, ...options }) => nadam(learningRate, options),
  }),
  row('adagrad', 'Adagrad', 'adagrad', {
    settings: {
      learningRate: rate(0.5, 1e-3, 10),
      initialAccumulatorValue: { title: 'First sum', initial: 0.1, min: 0, max: 1, scale: 'even' },
    },
    make: ({ learningRate, ...options }) => adagrad(learningRate, options),
  }),
  row('prodigy', 'Prodigy', 'prodigy', {
    settings: {
      learningRate: rate(1, 0.01, 10),
      estimLrCoef: { title: 'Growth', initial: 1, min: 0.1, max: 10, scale: 'log' },
    },
    make: ({ learningRate, ...options }) => prodigy(learningRate, options),
  }),
  row('dog', 'DoG', 'dog', {
    settings: { learningRate: rate(1, 0.01, 10) },
    // a step of the usual 1e-6 would take most of the race to grow
    make: (s) => dog(s.learningRate, { initStep: ['distance', 0.1] }),
    fixed: { initStep: "['distance', 0.1]" },
  }),
  row('rprop', 'Rprop', 'rprop', {
    settings: {
      learningRate: rate(0.05),
      etaMinus: { title: 'Shrink η⁻', initial: 0.5, min: 0.1, max: 0.9, scale: 'even' },
      etaPlus: { title: 'Grow η⁺', initial: 1.2, min: 1, max: 2, scale: 'even' },
    },
    make: ({ learningRate, ...options }) => rprop(learningRate, options),
  }),
  row('adamw', 'AdamW', 'adamw', {
    settings: { learningRate: rate(0.1), b1, b2, weightDecay: weightDecay(0.01) },
    make: ({ learningRate, ...options }) => adamw(learningRate, options),
  }),
  row('adadelta', 'Adadelta', 'adadelta', {
    settings: { learningRate: rate(10, 0.1, 100), rho: memory('ρ', 0.9, 0.999) },
    make: ({ learningRate, ...options }) => adadelta(learningRate, options),
  }),
  row('yogi', 'Yogi', 'yogi', {
    settings: { learningRate: rate(0.1), b1, b2 },
    make: ({ learningRate, ...options }) => yogi(learningRate, options),
  }),
]

/** An optimizer's number, which tells its line from others'; what an address brought has the last. */
export const numberOf = (optimizer: Optimizer): number =>
  optimizer.description === undefined ? optimizers.indexOf(optimizer) : optimizers.length
