/** Asks a transformation that is made of rules what its steps are, whatever the numbers of its leaves. */
import { sourcesOf } from '../declare/sources.js'
import { GradpipeError } from '../error.js'
import type { ExtraArgs, Program, Ruled, SlotPlace, Step } from '../program/program.js'
import { Scalar } from '../rule/expr.js'
import { rewrite } from '../rule/fold.js'
import type { Params, TensorLike } from '../rule/leaf.js'
import { type Range, type Sample, type Source, sourceOf } from './host.js'
import { marksFor, type Numbers, numbersOf, type Skeleton, skeletonOf, stateOf } from './state.js'

// model

/** A number that a state keeps, beside its slots. */
export interface Kept {
  readonly place: string
  readonly first: number
  /** Whether it is a whole number in every state. */
  readonly whole: boolean
}

/** A kind of step: what is done on leaves, and what its numbers are made of. */
export interface Kind {
  readonly program: Program
  /** Beside the program's scalars. */
  readonly scalars: ReadonlyMap<string, Source>
  /** The state's numbers after the step. */
  readonly next: ReadonlyMap<string, Source>
}

/** What was found out. */
export interface Asked {
  readonly start: Program
  readonly skeleton: Skeleton
  readonly kept: readonly Kept[]
  readonly kinds: readonly Kind[]
  /** Which kind of step it is, as an index. */
  readonly which: Source
}

// asking

/** An answer: a step's program and numbers, and the state's numbers after it. */
interface Answer {
  readonly program: Program
  readonly scalars: readonly number[]
  readonly next: Numbers
  readonly step: Step<unknown>
}

/** In the place of every extra argument: a tensor that nobody reads on the host. */
const someTensor: TensorLike = { shape: [], dtype: 'float32', isDisposed: false }

/** What a step's rules tell of its scalars themselves, and of what the state keeps: terms in the state's own numbers. */
const toldBy = (step: Step<unknown>): Pick<Kind, 'scalars' | 'next'> => {
  const scalars = new Map<string, Source>()
  const next = new Map<string, Source>()
  for (const [i, source] of (sourcesOf(step) ?? []).entries()) {
    const name = step.program.scalars[i] ?? ''
    if (source._tag === 'Constant') scalars.set(name, { _tag: 'Always', value: source.value })
    if (source._tag !== 'Counted' && source._tag !== 'Kept') continue
    // terms are in the rule's own names, which have a place in the state
    const own = source._tag === 'Kept' ? source.name : (/[^.]*$/.exec(name)?.[0] ?? name)
    const prefix = name.slice(0, name.length - own.length)
    const placed = rewrite((node) => (node._tag === 'Scalar' ? Scalar(prefix + node.name) : node))
    if (source._tag === 'Counted') {
      const expr = placed(source.term)
      // the count itself is what the state has
      scalars.set(name, expr._tag === 'Scalar' ? { _tag: 'Same', place: expr.name } : { _tag: 'Term', expr })
    } else {
      scalars.set(name, { _tag: 'Same', place: name })
      next.set(name, { _tag: 'Term', expr: placed(source.next) })
    }
  }
  return { scalars, next }
}

const anyArgs: ExtraArgs = new Proxy({}, { get: () => someTensor, has: () => true })

/** How many steps are walked from the beginning on, and how far counts are asked one by one. */
const WALKED = 256

/** Counts that lie farther, up to the last that 32 bits have. */
const far: readonly number[] = Array.from({ length: 21 }, (_, i) => 2 ** (i + 10))
  .flatMap((power) => [power - 1, power, power + 1])
  .concat(Array.from({ length: 64 }, (_, i) => (i * 2654435761) % 2 ** 31))

/** What a number that somebody may change could be instead. */
const others = (value: number): readonly number[] =>
  value === 0 ? [0.25, 0.5, 0.75] : [0.5, 0.75, 0.9, 0.99].map((factor) => value * factor)

/** How far a number goes, by what it was in the steps that were walked. */
const rangeOf = (walk: readonly number[], asked: number): Range => {
  const first = walk[0] ?? 0
  if (!walk.every(Number.isInteger) || walk.every((value) => value === first)) return { _tag: 'Any' }
  const differences = walk.slice(1).map((value, i) => value - (walk[i] ?? 0))
  // what never falls goes on, and what falls begins again
  if (differences.every((by) => by === 0 || by === 1)) return { _tag: 'Count', asked }
  return differences.every((by) => by <= 1) ? { _tag: 'Few' } : { _tag: 'Any' }
}

const valuesFor = (range: Range, walk: readonly number[]): readonly number[] => {
  switch (range._tag) {
    case 'Count':
      return [...Array.from({ length: range.asked }, (_, i) => i), ...far]
    case 'Few':
      return [...new Set(walk)]
    case 'Any':
      return others(walk[0] ?? 0)
  }
}

/** Finds it out. */
const asking = (name: string, ruled: Ruled<unknown>, steps: number | undefined): Asked => {
  const { reads = [] } = ruled
  if (reads.length > 0)
    throw new GradpipeError(
      'InvalidArgument',
      `${name}.tx`,
      'a transformation whose numbers are known before the leaves are',
      `one that reads ${reads.join(', ')} from the device`,
    )
  const first = ruled.begin()
  const start = first.program
  const marks = marksFor(start.slots)
  const begun = first.finish(marks)
  const skeleton = skeletonOf(begun, new Map(start.slots.map((slot, i) => [marks[i], slot])))
  const slots = new Map<SlotPlace, Params>(start.slots.map((slot, i) => [slot, marks[i] ?? null]))
  const answer = (numbers: Numbers): Answer => {
    const step = ruled.resume(stateOf(skeleton, numbers, slots), 'state', anyArgs)
    const { program, scalars, finish } = step
    return { program, scalars, step, next: numbersOf(skeleton, finish(program.slots.map(() => null))) }
  }

  const asked = Math.max(WALKED, steps ?? 0)
  const walk: Numbers[] = [numbersOf(skeleton, begun)]
  const answers: Answer[] = []
  for (let i = 0; i < asked; i++) {
    const at = walk[i] ?? new Map()
    const given = answer(at)
    answers.push(given)
    walk.push(given.next)
  }
  const programs = [...new Set(answers.map(({ program }) => program))]
  const places = [...(walk[0] ?? new Map<string, number>()).keys()]
  const walkOf = (place: string): readonly number[] => walk.map((numbers) => numbers.get(place) ?? Number.NaN)
  const told = new Map(
    programs.flatMap((program) => {
      const given = answers.find((each) => each.program === program)
      return given === undefined ? [] : [[program, toldBy(given.step)] as const]
    }),
  )
  const terms = new Set([...told.values()].flatMap(({ next }) => [...next.keys()]))
  const ranges = new Map(places.map((place) => [place, rangeOf(walkOf(place), asked)]))

  // one number changed at a time, from where each kind of step is met first
  const bases = programs.flatMap((program) => {
    const at = answers.findIndex((given) => given.program === program)
    return [at, answers.findIndex((given, i) => i > at && given.program === program)].flatMap(
      (i) => walk[i] ?? [],
    )
  })
  interface Changed extends Answer {
    readonly at: number
  }
  const change = (): readonly (readonly (readonly Changed[])[])[] =>
    places.map((place): readonly (readonly Changed[])[] =>
      bases.map((base) =>
        [base.get(place) ?? 0, ...valuesFor(ranges.get(place) ?? { _tag: 'Few' }, walkOf(place))].flatMap(
          (at) => {
            try {
              return [{ at, ...answer(new Map([...base, [place, at]])) }]
            } catch (error) {
              // a number that this state cannot have
              if (error instanceof GradpipeError) return []
              throw error
            }
          },
        ),
      ),
    )
  let known: ReturnType<typeof change> | undefined
  /** Found out where something is asked for that no rule tells. */
  const changed = (): ReturnType<typeof change> => {
    known ??= change()
    return known
  }

  /** What a number of the answers is made of, among those with a program. */
  const found = (what: string, program: Program | null, of: (given: Answer) => number): Source => {
    const own = changed().map((runs) =>
      runs.map((run) =>
        run.flatMap((each): readonly Sample[] =>
          program === null || each.program === program ? [[each.at, of(each)]] : [],
        ),
      ),
    )
    const depends = own.flatMap((runs, i) =>
      runs.some((run) => run.some(([, value]) => !Object.is(value, run[0]?.[1]))) ? [i] : [],
    )
    const [only, another] = depends
    if (only === undefined) {
      const given = answers.find((each) => program === null || each.program === program)
      return { _tag: 'Always', value: given === undefined ? Number.NaN : of(given) }
    }
    const place = places[only] ?? ''
    const samples = (own[only] ?? []).flat()
    const byPlace = new Map(samples)
    if (another !== undefined || samples.some(([at, value]) => !Object.is(byPlace.get(at), value)))
      throw new GradpipeError(
        'InvalidArgument',
        `${name}.tx.${what}`,
        'what one number of the state tells',
        `a value by ${depends.map((i) => places[i]).join(' and ')}`,
      )
    return sourceOf(name, what, place, ranges.get(place) ?? { _tag: 'Few' }, samples, steps)
  }

  const kinds = programs.map((program): Kind => {
    const own = told.get(program)
    return {
      program,
      scalars: new Map(
        program.scalars.map((name, i) => [
          name,
          own?.scalars.get(name) ?? found(name, program, ({ scalars }) => scalars[i] ?? Number.NaN),
        ]),
      ),
      next: new Map(
        places.map((place) => [
          place,
          own?.next.get(place) ?? found(place, program, ({ next }) => next.get(place) ?? Number.NaN),
        ]),
      ),
    }
  })
  return {
    start,
    skeleton,
    kept: places.map((place) => ({
      place,
      first: walk[0]?.get(place) ?? 0,
      whole: (ranges.get(place)?._tag ?? 'Any') !== 'Any' && !terms.has(place),
    })),
    kinds,
    which:
      programs.length === 1
        ? { _tag: 'Always', value: 0 }
        : found('step', null, ({ program }) => {
            const kind = programs.indexOf(program)
            if (kind >= 0) return kind
            throw new GradpipeError(
              'InvalidArgument',
              `${name}.options.steps`,
              'so many steps that each kind of step is among them',
              `one that comes after ${asked} steps`,
            )
          }),
  }
}

/** What was found out before, by how many steps tables are for: several engines ask the same. */
const known = new WeakMap<Ruled<unknown>, Map<number | undefined, Asked>>()

/**
 * What a transformation's steps are. Tables are made for so many `steps`; `name` is who asks, in errors.
 *
 * Throws `InvalidArgument` for what cannot be told without running it.
 */
export const ask = (name: string, ruled: Ruled<unknown>, steps: number | undefined): Asked => {
  const own = known.get(ruled) ?? new Map<number | undefined, Asked>()
  known.set(ruled, own)
  const asked = own.get(steps) ?? asking(name, ruled, steps)
  own.set(steps, asked)
  return asked
}
