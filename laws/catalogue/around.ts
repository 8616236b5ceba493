/** Rules around optimizers: averaging, a learned learning rate, adversarial steps. */
import {
  addDecayedWeights,
  chain,
  mechanize,
  type Schedule,
  sam,
  scaleByLearningRate,
  scaleByRms,
  scheduleFree,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  warmupConstantSchedule,
} from '../../src/index.js'
import { sameAs } from '../closedForm.js'
import type { Tolerance } from '../violation.js'
import { walksAs } from '../walk.js'
import { averaging, duel, tuning } from './aroundForms.js'
import { elementwise, treeNorms } from './groups.js'
import { type CatalogueRow, row } from './row.js'

// parameters that differ little cancel, and lose as many digits
const differences: Tolerance = { ulps: 256, floor: 1e-6 }

/** Starts at zero, and is not monotone. */
const bumpy: Schedule = (count) => [0.125, 0, 0.5, 0.25, 1, 0.5][count] ?? 1

const duellists = () =>
  [chain(addDecayedWeights(0.125), sgd(0.125, { momentum: 0.5 })), sgd(0.25, { momentum: 0.75 })] as const

const samRow = (syncPeriod: number, resetState: boolean): CatalogueRow =>
  row(
    `sam(chain(addDecayedWeights(0.125), sgd(0.125, { momentum: 0.5 })), sgd(0.25, { momentum: 0.75 }), { syncPeriod: ${syncPeriod}, resetState: ${resetState} })`,
    () => sam(...duellists(), { syncPeriod, resetState }),
    [
      ...elementwise,
      walksAs({
        name: 'duel',
        statement: 'syncPeriod − 1 steps up the loss, then one down from where they began',
        written: duel({ syncPeriod, resetState }),
        tolerance: differences,
      }),
    ],
  )

const ramp: Schedule = warmupConstantSchedule({ initValue: 0, peakValue: 0.5, warmupSteps: 4 })

export const around: readonly CatalogueRow[] = [
  row('scheduleFree(sgd(0.125), 0.125)', () => scheduleFree(sgd(0.125), 0.125), [
    ...elementwise,
    walksAs({
      name: 'threeSequences',
      statement: 'y = (1 − β)z + βx, x the mean of all z',
      written: averaging({ eta: 0.125, rate: () => 0.125, b1: 0.9, power: 2 }),
      tolerance: differences,
    }),
  ]),
  row(
    'scheduleFree(sgd(0.125), bumpy, { b1: 0.75, weightLrPower: 1.5 })',
    () => scheduleFree(sgd(0.125), bumpy, { b1: 0.75, weightLrPower: 1.5 }),
    [
      walksAs({
        name: 'threeSequences',
        statement: 'y = (1 − β)z + βx, x the mean of all z weighted by the largest learning rate so far',
        written: averaging({ eta: 0.125, rate: bumpy, b1: 0.75, power: 1.5 }),
        tolerance: differences,
      }),
    ],
  ),
  row('scheduleFreeSgd()', () => scheduleFreeSgd(), [
    ...elementwise,
    sameAs({
      name: 'ofSgd',
      statement: 'scheduleFreeSgd() = scheduleFree(sgd(1), 1)',
      other: () => scheduleFree(sgd(1), 1),
      states: true,
    }),
  ]),
  row(
    'scheduleFreeSgd(0.5, { warmupSteps: 4, weightDecay: 0.25, b1: 0.75, weightLrPower: 1 })',
    () => scheduleFreeSgd(0.5, { warmupSteps: 4, weightDecay: 0.25, b1: 0.75, weightLrPower: 1 }),
    [
      sameAs({
        name: 'ofDecayedSgd',
        statement: 'scheduleFree of SGD with weight decay and warm-up',
        other: () =>
          scheduleFree(chain(addDecayedWeights(0.25), sgd(ramp)), ramp, { b1: 0.75, weightLrPower: 1 }),
        states: true,
      }),
    ],
  ),
  row(
    'scheduleFreeSgd(bumpy, { b1: 0.75, weightLrPower: 1.5 })',
    () => scheduleFreeSgd(bumpy, { b1: 0.75, weightLrPower: 1.5 }),
    [
      sameAs({
        name: 'ofScheduledSgd',
        statement: 'scheduleFree of SGD, with a schedule that starts at 0 and falls',
        other: () => scheduleFree(sgd(bumpy), bumpy, { b1: 0.75, weightLrPower: 1.5 }),
        draws: { steps: 6 },
      }),
    ],
  ),
  row('scheduleFreeAdamw()', () => scheduleFreeAdamw(), [
    ...elementwise,
    sameAs({
      name: 'ofAdam',
      statement: 'scheduleFree of Adam without a first moment',
      other: () =>
        scheduleFree(
          chain(
            scaleByRms({ decay: 0.999, eps: 1e-8, epsInSqrt: false, biasCorrection: true }),
            scaleByLearningRate(0.0025),
          ),
          0.0025,
        ),
    }),
  ]),
  row(
    'scheduleFreeAdamw(0.5, { warmupSteps: 4, b1: 0.75, b2: 0.5, eps: 0.25, weightDecay: 0.25, weightLrPower: 1 })',
    () =>
      scheduleFreeAdamw(0.5, {
        warmupSteps: 4,
        b1: 0.75,
        b2: 0.5,
        eps: 0.25,
        weightDecay: 0.25,
        weightLrPower: 1,
      }),
    [
      sameAs({
        name: 'ofAdamw',
        statement: 'scheduleFree of AdamW without a first moment, with warm-up',
        other: () =>
          scheduleFree(
            chain(
              scaleByRms({ decay: 0.5, eps: 0.25, epsInSqrt: false, biasCorrection: true }),
              addDecayedWeights(0.25),
              scaleByLearningRate(ramp),
            ),
            ramp,
            { b1: 0.75, weightLrPower: 1 },
          ),
        states: true,
      }),
    ],
  ),
  row(
    'scheduleFreeAdamw(bumpy, { b1: 0.75, weightLrPower: 1.5 })',
    () => scheduleFreeAdamw(bumpy, { b1: 0.75, weightLrPower: 1.5 }),
    [
      sameAs({
        name: 'ofScheduledAdam',
        statement: 'scheduleFree of Adam, with a schedule that starts at 0 and falls',
        other: () =>
          scheduleFree(
            chain(
              scaleByRms({ decay: 0.999, eps: 1e-8, epsInSqrt: false, biasCorrection: true }),
              scaleByLearningRate(bumpy),
            ),
            bumpy,
            { b1: 0.75, weightLrPower: 1.5 },
          ),
        draws: { steps: 6 },
      }),
    ],
  ),
  row(
    'mechanize(sgd(0.125), { weightDecay: 0.25, sInit: 0.5 })',
    () => mechanize(sgd(0.125), { weightDecay: 0.25, sInit: 0.5 }),
    [
      ...treeNorms,
      walksAs({
        name: 'mechanic',
        statement: 'the scale is the sum of six tuners',
        written: tuning({ eta: 0.125, weightDecay: 0.25, sInit: 0.5 }),
        tolerance: { ulps: 256, floor: 1e-9 },
      }),
    ],
  ),
  row(
    'mechanize(sgd(0.125), { weightDecay: 0.25, eps: 0.125, sInit: 0.5, numBetas: 2 })',
    () => mechanize(sgd(0.125), { weightDecay: 0.25, eps: 0.125, sInit: 0.5, numBetas: 2 }),
    [
      walksAs({
        name: 'mechanic',
        statement: 'the scale is the sum of two tuners',
        written: tuning({ eta: 0.125, weightDecay: 0.25, eps: 0.125, sInit: 0.5, numBetas: 2 }),
        tolerance: differences,
      }),
    ],
  ),
  samRow(2, true),
  samRow(3, true),
  samRow(3, false),
  samRow(1, true),
]
