/** Fuses steps: the rules of several transformations become one rule per leaf, and their states one state. */
import { remember, rememberFew, rememberNamed } from '../rule/intern.js'
import type { LeafSpec, Params } from '../rule/leaf.js'
import { compose, identityRule, type Rule, within } from '../rule/rule.js'
import { allDeclared, noScalars } from './declared.js'
import type { EmptyState, Program, Ruled, Step } from './transformation.js'

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
    const scalars: number[] = []
    const slots: Params[] = []
    const inputs: Params[] = []
    // every step runs this: no lists are spread
    for (const step of steps) {
      for (let i = 0; i < step.scalars.length; i++) scalars.push(step.scalars[i] as number)
      for (let i = 0; i < step.slots.length; i++) slots.push(step.slots[i] ?? null)
      for (let i = 0; i < step.inputs.length; i++) inputs.push(step.inputs[i] ?? null)
    }
    const apart = (end: 'finish' | 'hold', after: readonly Params[]): S => {
      const states: unknown[] = []
      let from = 0
      for (const step of steps) {
        const to = from + step.program.slots.length
        states.push(step[end](steps.length === 1 ? after : after.slice(from, to)))
        from = to
      }
      return gather(states)
    }
    return {
      program: programOf(steps),
      scalars,
      declared: () => allDeclared(steps),
      slots,
      inputs,
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
