/** The optimizers to choose from, with a learning rate that suits each on the digits. */
import {
  adagrad,
  adam,
  adamw,
  chain,
  clipByGlobalNorm,
  type GradientTransformation,
  lion,
  muon,
  prodigy,
  rmsprop,
  type Schedule,
  sgd,
} from 'gradpipe'

/** An optimizer that waits for its learning rate. */
export interface Optimizer {
  readonly title: string
  /** The learning rate that it starts with. */
  readonly learningRate: number
  readonly make: (learningRate: Schedule) => GradientTransformation<unknown>
  /** The same as an expression in TypeScript. */
  readonly code: (learningRate: string) => string
}

const optimizer = (
  title: string,
  learningRate: number,
  make: Optimizer['make'],
  code: Optimizer['code'],
): Optimizer => ({ title, learningRate, make, code })

/** By name, in the order in which they are offered. */
export const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: optimizer(
    'SGD',
    0.3,
    (lr) => sgd(lr),
    (lr) => `sgd(${lr})`,
  ),
  momentum: optimizer(
    'SGD with momentum',
    0.1,
    (lr) => sgd(lr, { momentum: 0.9, nesterov: true }),
    (lr) => `sgd(${lr}, { momentum: 0.9, nesterov: true })`,
  ),
  adagrad: optimizer(
    'AdaGrad',
    0.03,
    (lr) => adagrad(lr),
    (lr) => `adagrad(${lr})`,
  ),
  rmsprop: optimizer(
    'RMSProp',
    0.001,
    (lr) => rmsprop(lr),
    (lr) => `rmsprop(${lr})`,
  ),
  adam: optimizer(
    'Adam',
    0.003,
    (lr) => adam(lr),
    (lr) => `adam(${lr})`,
  ),
  adamw: optimizer(
    'AdamW',
    0.003,
    (lr) => adamw(lr, { weightDecay: 0.01 }),
    (lr) => `adamw(${lr}, { weightDecay: 0.01 })`,
  ),
  lion: optimizer(
    'Lion',
    0.0005,
    (lr) => lion(lr),
    (lr) => `lion(${lr})`,
  ),
  muon: optimizer(
    'Muon',
    0.02,
    (lr) => muon(lr),
    (lr) => `muon(${lr})`,
  ),
  prodigy: optimizer(
    'Prodigy',
    1,
    (lr) => prodigy(lr),
    (lr) => `prodigy(${lr})`,
  ),
}

/** What is chosen: an optimizer by name, and the norm that gradients are clipped to, 0 for none. */
export interface Choice {
  readonly optimizer: string
  readonly clip: number
}

const chosen = ({ optimizer: name }: Choice): Optimizer => {
  const found = optimizers[name]
  if (found === undefined) throw new RangeError(`no optimizer is named ${name}`)
  return found
}

/** Makes the chain. The learning rate is asked for in every step, so that it can change while the network learns. */
export const chainOf = (choice: Choice, learningRate: Schedule): GradientTransformation<unknown> => {
  const tx = chosen(choice).make(learningRate)
  return choice.clip > 0 ? chain(clipByGlobalNorm(choice.clip), tx) : tx
}

/** The chain as an expression in TypeScript. */
export const codeOf = (choice: Choice, learningRate: string): string => {
  const code = chosen(choice).code(learningRate)
  return choice.clip > 0 ? `chain(clipByGlobalNorm(${choice.clip}), ${code})` : code
}

/** Its name for people. */
export const titleOf = (choice: Choice): string => chosen(choice).title

/** The learning rate that an optimizer starts with. */
export const usualRate = (choice: Choice): number => chosen(choice).learningRate
