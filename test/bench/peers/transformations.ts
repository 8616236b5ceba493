/** The rules of the bench as transformations of gradpipe. */
import { adam, adamw, chain, clipByGlobalNorm, type GradientTransformation, lamb, sgd } from 'gradpipe'
import { hyper, type RuleName } from '../rules.js'

const { learningRate, momentum, b1, b2, eps, weightDecay, maxNorm } = hyper
const moments = { b1, b2, eps }

/** Uses a transformation, whatever its state. */
type Using = <A>(use: <S>(tx: GradientTransformation<S>) => A) => A

/** The transformation of each rule. */
export const transformations: Readonly<Record<RuleName, Using>> = {
  sgd: (use) => use(sgd(learningRate)),
  momentum: (use) => use(sgd(learningRate, { momentum })),
  adam: (use) => use(adam(learningRate, moments)),
  adamw: (use) => use(adamw(learningRate, { ...moments, weightDecay })),
  'clip + adamw': (use) =>
    use(chain(clipByGlobalNorm(maxNorm), adamw(learningRate, { ...moments, weightDecay }))),
  lamb: (use) => use(lamb(learningRate, { ...moments, weightDecay })),
}
