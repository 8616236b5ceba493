/** The runs of the page, one after another: starting, pausing, changing, and what is kept of each. No element in here. */
import { type Backend, reason, startBackend, titles } from './backends.js'
import type { Curve } from './curve.js'
import { type Digits, type Learner, newLearner, toDevice } from './learner.js'
import type { PackedDigits } from './load.js'
import { numbersOf, runLoop } from './loop.js'
import { type Choice, chainOf, titleOf } from './optimizers.js'
import { stepsPerEpoch } from './sizes.js'

/** Training rests after so many epochs, for the sake of batteries; starting again goes on. */
const epochsAtOnce = 10

/** Earlier runs that are kept. */
const kept = 5

/** A run, and how it is going. */
export interface Run extends Curve {
  /** Counts from 0: what tells its colour. */
  readonly number: number
  readonly steps: number
  /** Of the last moments; 0 before there are any. */
  readonly stepsPerSecond: number
}

export type Status = 'ready' | 'starting' | 'running' | 'paused' | 'failed'

/** What a run is made with. */
export interface Settings {
  readonly choice: Choice
  readonly rate: number
  /** The backend that is wanted. */
  readonly backend: Backend
}

/** What can be seen of a session. */
export interface Session {
  readonly status: () => Status
  /** The backend that computes, once one does. */
  readonly backend: () => Backend | undefined
  readonly current: () => Run | undefined
  /** The earliest first. */
  readonly previous: () => readonly Run[]
  readonly start: () => Promise<void>
  readonly pause: () => void
  /** Puts the run aside; the next one starts from a new network. */
  readonly reset: () => void
  /** Forgets the earlier runs. */
  readonly forget: () => void
  /** Takes other settings: for a new run, which starts at once if one was running. */
  readonly change: (settings: Settings) => Promise<void>
  /** Takes another learning rate, in the middle of a run, too. */
  readonly setRate: (rate: number) => void
  /** How likely a picture is each digit; `null` before there is a network. */
  readonly predict: (picture: Float32Array) => Promise<Float32Array | null>
  /** Ends it, and frees all tensors. */
  readonly close: () => void
}

/** Whom a session tells. */
export interface SessionListener {
  /** Something is to be shown anew. */
  readonly onChange: () => void
  /** Something is to be said. */
  readonly onMessage: (message: string) => void
}

/** The speed over the last readings. */
const speedometer = (): ((step: number) => number) => {
  let seen: readonly (readonly [step: number, time: number])[] = []
  return (step) => {
    seen = [...seen.slice(-20), [step, performance.now()]]
    const [[from, since] = [step, 0]] = seen
    return seen.length > 1 ? (1000 * (step - from)) / (performance.now() - since) : 0
  }
}

/** Opens a session on some digits. */
export const openSession = (
  packed: PackedDigits,
  first: Settings,
  { onChange, onMessage }: SessionListener,
): Session => {
  let { choice, backend: wanted, rate } = first
  let status: Status = 'ready'
  let backend: Backend | undefined
  let digits: Digits | undefined
  let learner: Learner | undefined
  let current: Run | undefined
  let previous: readonly Run[] = []
  let runs = 0
  let stop = (): void => {}
  /** Whoever waits for a backend looks whether the session has gone on without it. */
  let attempt = 0

  const setStatus = (next: Status): void => {
    status = next
    onChange()
  }

  const nameOf = (): string =>
    [
      `${titleOf(choice)} ${rate}`,
      ...(choice.clip > 0 ? [`clip ${choice.clip}`] : []),
      ...(backend === undefined || backend === 'wasm' ? [] : [titles[backend]]),
    ].join(', ')

  const putAside = (): void => {
    attempt++
    stop()
    learner?.dispose()
    learner = undefined
    if (current !== undefined && current.losses.length > 0) previous = [...previous, current].slice(-kept)
    current = undefined
  }

  const freeDigits = (): void => {
    for (const { images, labels } of digits === undefined ? [] : [digits.train, digits.test]) {
      images.dispose()
      labels.dispose()
    }
    digits = undefined
  }

  const update = (change: Partial<Run>): void => {
    if (current !== undefined) current = { ...current, ...change }
    onChange()
  }

  const fail = async (error: unknown): Promise<void> => {
    const broken = backend
    putAside()
    if (broken !== 'webgpu' && broken !== 'webgl') {
      onMessage(`Training has failed: ${reason(error)}`)
      return setStatus('failed')
    }
    onMessage(`${titles[broken]} has failed (${reason(error)}), so the run starts again on ${titles.wasm}.`)
    freeDigits()
    wanted = 'wasm'
    status = 'ready'
    await start()
  }

  /** Makes a network on the backend that is wanted; says whether that is still of use. */
  const prepare = async (): Promise<boolean> => {
    const mine = ++attempt
    setStatus('starting')
    if (backend !== wanted) freeDigits()
    const started = await startBackend(wanted)
    if (mine !== attempt) return false
    if (started.failed.length > 0)
      onMessage(`${started.failed.join('; ')}: so it runs on ${titles[started.backend]}.`)
    backend = wanted = started.backend
    digits ??= toDevice(packed)
    learner = newLearner(
      digits,
      chainOf(choice, () => rate),
    )
    current = { number: runs++, name: nameOf(), losses: [], accuracies: [], steps: 0, stepsPerSecond: 0 }
    return true
  }

  const run = (learning: Learner): void => {
    setStatus('running')
    const limit = epochsAtOnce * stepsPerEpoch
    const speed = speedometer()
    stop = runLoop(
      learning,
      (Math.floor(learning.steps() / limit) + 1) * limit,
      {
        onLoss: (steps, value) =>
          update({
            steps,
            stepsPerSecond: speed(steps),
            losses: [...(current?.losses ?? []), { step: steps, value }],
          }),
        onAccuracy: (step, value) =>
          update({ accuracies: [...(current?.accuracies ?? []), { step, value }] }),
        onError: (error) => void fail(error),
      },
      () => {
        setStatus('paused')
        onMessage(`${learning.steps() / stepsPerEpoch} epochs are done. Start goes on.`)
      },
    )
  }

  const start = async (): Promise<void> => {
    if (status === 'running' || status === 'starting') return
    try {
      if (learner === undefined && !(await prepare())) return
      if (learner !== undefined) run(learner)
    } catch (error) {
      onMessage(`The network cannot be computed here: ${reason(error)}`)
      setStatus('failed')
    }
  }

  return {
    status: () => status,
    backend: () => backend,
    current: () => current,
    previous: () => previous,
    start,
    pause: () => {
      if (status !== 'running') return
      stop()
      setStatus('paused')
    },
    reset: () => {
      putAside()
      setStatus('ready')
    },
    forget: () => {
      previous = []
      onChange()
    },
    change: async (next) => {
      const goOn = status === 'running' || status === 'starting'
      putAside()
      ;({ choice, backend: wanted, rate } = next)
      setStatus('ready')
      if (goOn) await start()
    },
    setRate: (next) => {
      if (next === rate) return
      rate = next
      if (current !== undefined) update({ name: `${current.name} → ${rate}` })
    },
    predict: async (picture) => (learner === undefined ? null : numbersOf(learner.probabilities(picture))),
    close: () => {
      putAside()
      freeDigits()
    },
  }
}
