/** Fuses steps: the rules of several transformations become one rule per leaf, and their states one state. */
import { allDeclared, noScalars } from '../declare/declared.js'
import type { Program, Ruled, Step } from '../program/program.js'
import { remember, rememberFew, rememberNamed } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { compose, identityRule, type Rule, within } from '../rule/rule.js'
import type { EmptyState } from './transformation.js'

// programs

/** A program as part of a larger one: its slots and scalars are named under `prefix`. */
const nestProgram = rememberNamed(
  (program: Program, prefix): Program => ({
    rule: (leaf) => within(prefix, program.rule(leaf)),
    scalars: program.scalars.map((name) => `${prefix}.${name}`),
    inputs: program.inputs.map(({ name, scope }) => ({ name: `${prefix}.${name}`, scope })),
    slots: program.slots.map(({ name, scope }) => ({ name: `${prefix}.${name}`, scope })),
    fits: program.fits,
  }),
)

/** Both checks of two programs. */
export const bothFit = (first: Program['fits'], second: Program['fits']): Program['fits'] =>
  first === undefined || second === undefined
    ? (first ?? second)
    : (tree) => {
        first(tree)
        second(tree)
      }

const nothing: Program = { rule: () => identityRule, scalars: [], slots: [], inputs: [] }

/** One program after another; their slots and scalars must have different names. */
const followedBy = remember((first: Program) =>
  remember(
    (second: Program): Program => ({
      rule: (leaf) => compose(first.rule(leaf), second.rule(leaf)),
      scalars: [...first.scalars, ...second.scalars],
      slots: [...first.slots, ...second.slots],
      inputs: [...first.inputs, ...second.inputs],
      fits: bothFit(first.fits, second.fits),
    }),
  ),
)

/** A program for some of the leaves; the others' gradients pass. */
export const onlyFor = (takes: (leaf: LeafSpec) => boolean): ((program: Program) => Program) =>
  remember((program) => ({
    ...program,
    rule: (leaf) => (takes(leaf) ? program.rule(leaf) : identityRule),
  }))

/** One program from several, each under its name, one after the other. */
const sequenced = (names: readonly string[], programs: readonly Program[]): Program =>
  programs
    .map((program, i) => nestProgram(program, names[i] ?? ''))
    .reduce((all, next) => followedBy(all)(next), nothing)

// steps

/**
 * A step as part of a larger one: its state wrapped, its slots and scalars named under `prefix`. `wrapHeld` wraps the
 * state of a step that is not made.
 */
export const nest = <S, T>(
  prefix: string,
  step: Step<S>,
  wrap: (state: S) => T,
  wrapHeld: (state: S) => T = wrap,
): Step<T> => ({
  ...step,
  program: nestProgram(step.program, prefix),
  finish: (slots) => wrap(step.finish(slots)),
  hold: (slots) => wrapHeld(step.hold(slots)),
})

/**
 * Two steps as one, by a program that has the slots of the first and then those of the second, with both states.
 */
export const both = <A, B, S>(
  first: Step<A>,
  second: Step<B>,
  program: Program,
  gather: (first: A, second: B) => S,
): Step<S> => {
  const apart = (end: 'finish' | 'hold', slots: readonly Params[]): S => {
    const own = first.program.slots.length
    return gather(first[end](slots.slice(0, own)), second[end](slots.slice(own)))
  }
  return {
    program,
    scalars: [...first.scalars, ...second.scalars],
    declared: () => allDeclared([first, second]),
    slots: [...first.slots, ...second.slots],
    inputs: [...first.inputs, ...second.inputs],
    finish: (slots) => apart('finish', slots),
    hold: (slots) => apart('hold', slots),
  }
}

/** Two steps one after the other, as one, with both states; their slots must have different names. */
export const follow = <A, B, S>(
  first: Step<A>,
  second: Step<B>,
  gather: (first: A, second: B) => S,
): Step<S> => both(first, second, followedBy(first.program)(second.program), gather)

const idle = /* @__PURE__ */ remember((rule: Rule) =>
  remember((program: Program): Program => ({ ...program, rule: () => rule, scalars: [], inputs: [] })),
)

/** Replaces a step: another rule for every leaf, while the state stays as it is. */
export const heldBack = <S>(step: Step<S>, rule: Rule): Step<S> => ({
  ...step,
  program: idle(rule)(step.program),
  scalars: [],
  declared: noScalars,
  inputs: [],
  finish: step.hold,
})

/** The step of a rule that keeps nothing. */
export const bareStep: (rule: Rule) => Step<EmptyState> = /* @__PURE__ */ remember((rule: Rule) => ({
  program: { rule: () => rule, scalars: [], slots: [], inputs: [] },
  scalars: [],
  declared: noScalars,
  slots: [],
  inputs: [],
  finish: () => ({}),
  hold: () => ({}),
}))

/** How one state keeps those of several transformations. */
export interface Gathering<S> {
  /** Each member's place in the state, as a path. */
  readonly names: readonly string[]
  /** The state that holds the members' states. */
  readonly gather: (states: readonly unknown[]) => S
  /** The members' states; throws `TreeMismatch` if the state, which stands at `at`, holds others. */
  readonly scatter: (state: S, at: string) => readonly unknown[]
}

const scalarsOf = ({ scalars }: Step<unknown>): readonly number[] => scalars
const slotsOf = ({ slots }: Step<unknown>): readonly Params[] => slots
const inputsOf = ({ inputs }: Step<unknown>): readonly Params[] => inputs

/** What all steps have, one after the other: every step comes here, so that nothing is copied where one has all. */
const joined = <A>(
  steps: readonly Step<unknown>[],
  of: (step: Step<unknown>) => readonly A[],
): readonly A[] => {
  let all: readonly A[] = []
  let own: A[] | null = null
  for (let i = 0; i < steps.length; i++) {
    const more = of(steps[i] as Step<unknown>)
    if (all.length === 0) all = more
    else if (more.length > 0) {
      if (own === null) {
        own = [...all]
        all = own
      }
      for (let k = 0; k < more.length; k++) own.push(more[k] as A)
    }
  }
  return all
}

/** Transformations one after the other, as one. */
export const fuse = <S>(
  members: readonly Ruled<unknown>[],
  { names, gather, scatter }: Gathering<S>,
): Ruled<S> => {
  const placesAt = rememberFew((at: string) => names.map((name) => `${at}.${name}`))
  let known: { readonly programs: readonly Program[]; readonly program: Program } | undefined
  const programOf = (steps: readonly Step<unknown>[]): Program => {
    if (known === undefined || !known.programs.every((program, i) => program === steps[i]?.program)) {
      const programs = steps.map(({ program }) => program)
      known = { programs, program: sequenced(names, programs) }
    }
    return known.program
  }
  const together = (steps: readonly Step<unknown>[]): Step<S> => {
    const apart = (end: 'finish' | 'hold', after: readonly Params[]): S => {
      let from = 0
      const states = steps.map((step) => {
        const first = from
        from += step.program.slots.length
        return step[end](from - first === after.length ? after : after.slice(first, from))
      })
      return gather(states)
    }
    return {
      program: programOf(steps),
      scalars: joined(steps, scalarsOf),
      declared: () => allDeclared(steps),
      slots: joined(steps, slotsOf),
      inputs: joined(steps, inputsOf),
      finish: (after) => apart('finish', after),
      hold: (after) => apart('hold', after),
    }
  }
  return {
    reads: members.flatMap(({ reads = [] }) => reads),
    numbers: members.every(({ numbers }) => numbers === 'constant')
      ? 'constant'
      : members.every(({ numbers }) => numbers !== undefined)
        ? 'own'
        : undefined,
    begin: () => together(members.map((member) => member.begin())),
    resume: (state, at, extraArgs) => {
      const states = scatter(state, at)
      const places = placesAt(at)
      return together(members.map((member, i) => member.resume(states[i], places[i] ?? at, extraArgs)))
    },
  }
}
