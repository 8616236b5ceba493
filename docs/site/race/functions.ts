/**
 * The functions that are raced on. Each stands in a file of its own, so that the code to copy is the text of the code
 * that runs.
 */
import * as beale from './functions/beale.js'
import bealeSource from './functions/beale.ts?raw'
import * as noisyValley from './functions/noisyValley.js'
import noisyValleySource from './functions/noisyValley.ts?raw'
import * as quadratic from './functions/quadratic.js'
import quadraticSource from './functions/quadratic.ts?raw'
import * as rastrigin from './functions/rastrigin.js'
import rastriginSource from './functions/rastrigin.ts?raw'
import * as rosenbrock from './functions/rosenbrock.js'
import rosenbrockSource from './functions/rosenbrock.ts?raw'

/** The parameters of a race, as the library gets them: a tree of two numbers (which an interface could not be). */
export type Point = { readonly x: number; readonly y: number }

/** From the lowest to the highest number of a range. */
export type Interval = readonly [low: number, high: number]

export interface Objective {
  readonly name: string
  readonly title: string
  /** The formula, as LaTeX. */
  readonly formula: string
  /** What there is to see. */
  readonly note: string
  readonly value: (at: Point) => number
  /** The gradient that optimizers see in a step: exact, unless it is noisy; without a step, exact in any case. */
  readonly gradient: (at: Point, step?: number) => Point
  readonly noisy: boolean
  /** What the picture shows; both intervals are equally long. */
  readonly domain: { readonly x: Interval; readonly y: Interval }
  /** Added to values before the contour picture takes their logarithm: where it stops to go down. */
  readonly floor: number
  /** Where the value is least: 0. */
  readonly minimum: Point
  /** Where a race starts, unless told otherwise. */
  readonly start: Point
  readonly steps: number
  /** Learning rates, or other settings too, that suit this function, by optimizer, where they are not the usual ones. */
  readonly suited: Readonly<Record<string, number | Readonly<Record<string, number>>>>
  /** The text of the module that defines value and gradient. */
  readonly source: string
}

export const objectives: readonly [Objective, ...Objective[]] = [
  {
    name: 'quadratic',
    title: 'Quadratic',
    formula: 'f(x, y) = \\tfrac{1}{2} x^2 + 10 y^2',
    note: 'Twenty times as steep along y as along x: plain descent zigzags or crawls.',
    value: quadratic.value,
    gradient: quadratic.gradient,
    floor: 1,
    noisy: false,
    domain: { x: [-3, 3], y: [-3, 3] },
    minimum: { x: 0, y: 0 },
    start: { x: -2.5, y: 2 },
    steps: 150,
    suited: {},
    source: quadraticSource,
  },
  {
    name: 'rosenbrock',
    title: 'Rosenbrock',
    formula: 'f(x, y) = (1 - x)^2 + 100 (y - x^2)^2',
    note: 'A curved valley: its floor is found at once, its end takes long.',
    value: rosenbrock.value,
    gradient: rosenbrock.gradient,
    floor: 1,
    noisy: false,
    domain: { x: [-2, 2], y: [-1, 3] },
    minimum: { x: 1, y: 1 },
    start: { x: -1.2, y: 1 },
    steps: 600,
    suited: {
      sgd: 0.002,
      momentum: 0.002,
      nesterov: 0.001,
      adam: 0.3,
      nadam: 0.1,
      adamw: 0.2,
      yogi: 0.5,
      rmsprop: 0.02,
      lion: 0.01,
      adagrad: 1,
      prodigy: 0.5,
      rprop: 0.003,
      adadelta: 1,
    },
    source: rosenbrockSource,
  },
  {
    name: 'beale',
    title: 'Beale',
    formula: 'f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2',
    note: 'Cliffs in the corners, a long flat floor in the middle.',
    value: beale.value,
    gradient: beale.gradient,
    floor: 0.3,
    noisy: false,
    domain: { x: [-4.5, 4.5], y: [-4.5, 4.5] },
    minimum: { x: 3, y: 0.5 },
    start: { x: 0.5, y: -2 },
    steps: 300,
    suited: {
      momentum: 0.003,
      nesterov: 0.003,
      adam: 0.3,
      nadam: 0.3,
      adamw: 0.3,
      yogi: 0.5,
      rmsprop: 0.02,
      lion: 0.03,
      adagrad: 1,
      adadelta: 3,
    },
    source: bealeSource,
  },
  {
    name: 'rastrigin',
    title: 'Rastrigin',
    formula: 'f(x, y) = 20 + x^2 - 10 \\cos 2 \\pi x + y^2 - 10 \\cos 2 \\pi y',
    note: 'A dent in every unit square: without momentum one is caught in the first.',
    value: rastrigin.value,
    gradient: rastrigin.gradient,
    floor: 3,
    noisy: false,
    domain: { x: [-4, 4], y: [-4, 4] },
    minimum: { x: 0, y: 0 },
    start: { x: -2.4, y: 2.5 },
    steps: 300,
    suited: {
      sgd: 0.002,
      momentum: { learningRate: 0.002, momentum: 0.98 },
      adam: { learningRate: 0.5, b1: 0.98, b2: 0.9 },
    },
    source: rastriginSource,
  },
  {
    name: 'noisy-valley',
    title: 'Noisy valley',
    formula: 'f(x, y) = \\tfrac{1}{10} x^2 + 3 (y - \\sin x)^2, \\qquad g = \\nabla f + \\mathcal N(0, 1)',
    note: 'The gradient comes with noise, the same in every run; the loss is shown without it.',
    value: noisyValley.value,
    gradient: noisyValley.gradient,
    floor: 0.5,
    noisy: true,
    domain: { x: [-5, 5], y: [-5, 5] },
    minimum: { x: 0, y: 0 },
    start: { x: -4, y: 3 },
    steps: 400,
    suited: {
      sgd: 0.1,
      adam: 0.2,
      nadam: 0.2,
      adamw: 0.2,
      yogi: 0.2,
      rmsprop: 0.1,
      lion: 0.05,
      adagrad: 2,
      adadelta: 30,
      prodigy: 0.2,
    },
    source: noisyValleySource,
  },
]

/** The function of a name. */
export const objectiveOf = (name: string): Objective | undefined =>
  objectives.find((objective) => objective.name === name)
