/** sam of two optimizers that are made of rules: each kind of step is one rule. */
import { GradpipeError } from '../error.js'
import { shown } from '../options.js'
import type { Program, Ruled, SlotPlace, Step } from '../program/program.js'
import { Binary, type Expr, Gradient, Parameter, Slot, Unary } from '../rule/expr.js'
import { remember, rememberNamed } from '../rule/intern.js'
import type { Params } from '../rule/leaf.js'
import { type Rule, rewriteRule } from '../rule/rule.js'
import { parameter, type SlotSpec, slot } from '../rule/slot.js'
import { bothFit, nest } from '../transform/fuse.js'
import type { Cadence, SamState } from './samState.js'

// rules

const cacheSlot: SlotSpec = slot('element', parameter)

const Cache = Slot('cache', 'element')

/** Where the optimizer steps from: the first step of a period remembers its parameters. */
const origin = (first: boolean): Expr => (first ? Parameter : Cache)

/** What the state holds at first. */
const starting = remember((opt: Rule) =>
  remember(
    (adv: Rule): Rule => ({
      slots: { ...opt.slots, ...adv.slots, cache: cacheSlot },
      next: {},
      update: Gradient,
    }),
  ),
)

const againstDescent = (first: boolean): ((adv: Rule) => Rule) =>
  remember(
    (adv: Rule): Rule => ({
      slots: { ...adv.slots, cache: cacheSlot },
      next: { ...adv.next, cache: origin(first) },
      update: Unary('neg', adv.update),
    }),
  )

/** An adversarial step: up where its optimizer goes down. */
const climbing = { first: againstDescent(true), later: againstDescent(false) }

/** The optimizer's step, from where the period began. */
const descending = (first: boolean, reset: boolean): ((opt: Rule) => (adv: Rule) => Rule) =>
  remember((opt: Rule) => {
    const from = origin(first)
    const moved = rewriteRule((node) => (node === Parameter ? from : node))(opt)
    return remember((adv: Rule): Rule => {
      const anew = Object.entries(reset ? adv.slots : {})
      return {
        slots: { ...moved.slots, ...Object.fromEntries(anew), cache: cacheSlot },
        next: {
          ...moved.next,
          ...Object.fromEntries(anew.map(([name, { start }]) => [name, start])),
          cache: from,
        },
        update: Binary('add', Binary('sub', from, Parameter), moved.update),
      }
    })
  })

// programs

type Role = 'start' | 'first' | 'later' | 'last' | 'only'

/** The kinds of steps, as rules of both optimizers', and whose scalars and inputs they read. */
const roles = (reset: boolean): Readonly<Record<Role, (opt: Rule, adv: Rule) => Rule>> => {
  const [last, only] = [descending(false, reset), descending(true, reset)]
  return {
    start: (opt, adv) => starting(opt)(adv),
    first: (_, adv) => climbing.first(adv),
    later: (_, adv) => climbing.later(adv),
    last: (opt, adv) => last(opt)(adv),
    only: (opt, adv) => only(opt)(adv),
  }
}

const cachePlace: SlotPlace = { name: 'cache', scope: 'element' }

const isClimb = (role: Role): boolean => role === 'first' || role === 'later'

const programs = (reset: boolean): ((opt: Program, adv: Program, role: Role) => Program) => {
  const rules = roles(reset)
  const programOf = remember((opt: Program) =>
    rememberNamed((adv: Program, role): Program => {
      // the names are those of roles
      const rule = rules[role as Role]
      const { scalars, inputs } = isClimb(role as Role) ? adv : opt
      return {
        rule: (leaf) => rule(opt.rule(leaf), adv.rule(leaf)),
        scalars,
        inputs,
        slots: [...opt.slots, ...adv.slots, cachePlace],
        fits: bothFit(opt.fits, adv.fits),
      }
    }),
  )
  return (opt, adv, role) => programOf(opt)(adv, role)
}

// steps

const same = <S>(state: S): S => state

/** Which step of a period comes after so many. */
export const roleAt = (
  stepsSinceSync: unknown,
  { syncPeriod }: Cadence,
  at: string,
): Exclude<Role, 'start'> => {
  if (typeof stepsSinceSync !== 'number')
    throw new GradpipeError('InvalidLeaf', `${at}.stepsSinceSync`, 'a number', shown(stepsSinceSync))
  if (syncPeriod === 1) return 'only'
  return stepsSinceSync === 0 ? 'first' : stepsSinceSync >= syncPeriod - 1 ? 'last' : 'later'
}

/** Two optimizers that are made of rules, as one: which of them steps, the host knows. */
export const samOfRules = <O, A>(
  optimizer: Ruled<O>,
  advOptimizer: Ruled<A>,
  cadence: Cadence,
): Ruled<SamState<O, A>> => {
  const { syncPeriod, resetState } = cadence
  const programOf = programs(resetState)
  const begun = nest('advState', advOptimizer.begin(), same)
  const join = (
    opt: Step<O>,
    adv: Step<A>,
    role: Role,
    stepsSinceSync: number,
    cache: readonly Params[],
  ): Step<SamState<O, A>> => {
    const climbs = isClimb(role)
    const { scalars, declared, inputs } = climbs ? adv : opt
    const [optCount, advCount] = [opt.program.slots.length, adv.program.slots.length]
    const gather = (
      slots: readonly Params[],
      steps: number,
      optEnd: 'finish' | 'hold',
      advEnd: (slots: readonly Params[]) => A,
    ): SamState<O, A> => ({
      stepsSinceSync: steps,
      optState: opt[optEnd](slots.slice(0, optCount)),
      advState: advEnd(slots.slice(optCount, optCount + advCount)),
      cache: slots[optCount + advCount] ?? null,
    })
    const advEnd = climbs || role === 'start' ? adv.finish : resetState ? begun.finish : adv.hold
    return {
      program: programOf(opt.program, adv.program, role),
      scalars,
      declared,
      inputs,
      slots: [...opt.slots, ...adv.slots, ...cache],
      finish: (slots) =>
        gather(
          slots,
          role === 'start' ? 0 : (stepsSinceSync + 1) % syncPeriod,
          climbs ? 'hold' : 'finish',
          advEnd,
        ),
      hold: (slots) => gather(slots, stepsSinceSync, 'hold', adv.hold),
    }
  }
  return {
    reads: [...(optimizer.reads ?? []), ...(advOptimizer.reads ?? [])],
    begin: () => join(nest('optState', optimizer.begin(), same), begun, 'start', 0, []),
    resume: (state, at, extraArgs) => {
      const role = roleAt(state?.stepsSinceSync, cadence, at)
      const opt = optimizer.resume(state.optState, `${at}.optState`, extraArgs)
      const adv = advOptimizer.resume(state.advState, `${at}.advState`, extraArgs)
      return join(nest('optState', opt, same), nest('advState', adv, same), role, state.stepsSinceSync, [
        state.cache,
      ])
    },
  }
}
