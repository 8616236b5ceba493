/** The tab of the playground in which a network learns to read digits, by an optimizer that the visitor chooses. */
import './digits.css'
import { html } from '../dom.js'
import { reason, titles } from './backends.js'
import { argMax, newBars, percent } from './bars.js'
import { newCharts } from './charts.js'
import { newControls } from './controls.js'
import { loadDigits, type PackedDigits } from './load.js'
import { newPad, type Pad } from './pad.js'
import { newRunsTable, perSecond } from './runs.js'
import { openSession, type Session, type Status } from './session.js'
import { sizes, stepsPerEpoch } from './sizes.js'

/** Pictures are drawn anew, and the pad is read again, at most so often, in milliseconds. */
const pace = 150

/** A number as people write it. */
const count = (number: number): string => number.toLocaleString('en')

/** Fills an element with the tab; what it returns stops the training and frees all tensors. */
export const mount = (root: HTMLElement): (() => void) => {
  // what is being loaded goes on: the next visit finds it
  let closed = false
  let close = (): void => {}
  const status = html('p', { class: 'digits-status', role: 'status' }, 'The digits are being loaded …')
  const page = html(
    'div',
    { class: 'digits' },
    html(
      'p',
      { class: 'digits-lead' },
      `A network of 79,510 numbers learns to read handwriting, here in your browser: from ${count(sizes.train)} digits, tested on ${count(sizes.test)} others. Every run starts from the same weights, so that optimizers can race.`,
    ),
    status,
  )
  root.replaceChildren(page)

  void loadDigits().then(
    (digits) => {
      if (!closed) close = fill(page, status, digits)
    },
    (error: unknown) => {
      if (!closed) status.textContent = `The digits cannot be loaded: ${reason(error)}`
    },
  )
  return () => {
    closed = true
    close()
    root.replaceChildren()
  }
}

/** What is said of a session. */
const said: Readonly<Record<Status, string>> = {
  ready: 'Ready to start.',
  starting: 'The network is being set up …',
  running: 'The network learns.',
  paused: 'Paused. Start goes on.',
  failed: 'Training is not possible.',
}

/** Eight is the digit that wants another article. */
const named = (digit: number): string => (digit === 8 ? 'an 8' : `a ${digit}`)

const verdictOf = (read: number, label: number | null): string => {
  const says = `The network reads ${named(read)}`
  if (label === null) return `${says}.`
  return read === label ? `${says}, and is right.` : `${says}, but it is ${named(label)}.`
}

const numbersShown = ['epoch', 'step', 'loss', 'accuracy', 'steps/s', 'runs on'] as const

const newNumbers = (): {
  readonly element: HTMLElement
  readonly show: (numbers: Readonly<Record<(typeof numbersShown)[number], string>>) => void
} => {
  const places = numbersShown.map((name) => [name, html('dd', { 'data-number': name }, '–')] as const)
  return {
    element: html(
      'dl',
      { class: 'card digits-numbers' },
      ...places.map(([name, place]) => html('div', {}, html('dt', {}, name), place)),
    ),
    show: (numbers) => {
      for (const [name, place] of places) place.textContent = numbers[name]
    },
  }
}

/** Builds the page on its digits; what it returns closes it. */
const fill = (page: HTMLElement, status: HTMLElement, digits: PackedDigits): (() => void) => {
  const say = (message: string): void => {
    status.textContent = message
  }
  const note = html('p', { class: 'digits-note', role: 'status' })
  const tell = (message: string): void => {
    note.textContent = message
  }
  const controls = newControls({
    onChoice: () => {
      tell('')
      void session.change(controls.settings())
    },
    onRate: () => session.setRate(controls.settings().rate),
  })
  const session: Session = openSession(digits, controls.settings(), {
    onChange: () => show(),
    onMessage: tell,
  })
  const start = html('button', { type: 'button', name: 'start', class: 'primary' }, 'Start')
  const reset = html('button', { type: 'button', name: 'reset' }, 'Reset')
  const forget = html('button', { type: 'button', name: 'forget' }, 'Clear earlier runs')
  const numbers = newNumbers()
  const charts = newCharts()
  const runs = newRunsTable()
  const bars = newBars()
  const verdict = html('p', { class: 'digits-verdict', 'aria-live': 'polite' })
  const pad: Pad = newPad(digits.test, () => readPad())

  // the pad

  let asked = 0
  const readPad = (): void => void readPicture()
  /** Only the last question's answer is shown. The verdict is spoken once a digit is drawn, not while it changes. */
  const readPicture = async (): Promise<void> => {
    const mine = ++asked
    const { picture, label, drawing } = pad.shown()
    const shares = picture === null ? null : await session.predict(picture).catch(() => null)
    if (mine !== asked) return
    bars.show(shares)
    if (drawing) return
    const text =
      picture === null
        ? 'Draw a digit, or take one from the test.'
        : shares === null
          ? 'The network has learned nothing yet: start it.'
          : verdictOf(argMax(shares), label)
    if (verdict.textContent !== text) verdict.textContent = text
  }

  // what changes

  const showNumbers = (): void => {
    const run = session.current()
    const backend = session.backend()
    const [loss, accuracy] = [run?.losses.at(-1)?.value, run?.accuracies.at(-1)?.value]
    numbers.show({
      epoch: run === undefined ? '–' : (run.steps / stepsPerEpoch).toFixed(1),
      step: run === undefined ? '–' : String(run.steps),
      loss: loss === undefined ? '–' : loss.toPrecision(3),
      accuracy: accuracy === undefined ? '–' : percent(accuracy, 1),
      'steps/s': perSecond(run?.stepsPerSecond ?? 0),
      'runs on': backend === undefined ? '–' : titles[backend],
    })
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const showAll = (): void => {
    timer = undefined
    showNumbers()
    charts.draw(session.previous(), session.current())
    runs.show(session.previous(), session.current())
    readPad()
  }
  let before = session.status()
  const show = (): void => {
    const now = session.status()
    const busy = now === 'running' || now === 'starting'
    start.textContent = busy ? 'Pause' : 'Start'
    start.disabled = now === 'starting'
    reset.disabled = session.current() === undefined
    forget.disabled = session.previous().length === 0
    page.setAttribute('data-status', now)
    if (now !== before) {
      say(said[now])
      if (now === 'running') controls.setBackend(session.backend() ?? 'wasm')
      before = now
    }
    if (busy) timer ??= setTimeout(showAll, pace)
    else {
      clearTimeout(timer)
      showAll()
    }
  }

  start.addEventListener('click', () => {
    tell('')
    if (session.status() === 'running') session.pause()
    else void session.start()
  })
  reset.addEventListener('click', session.reset)
  forget.addEventListener('click', session.forget)

  say(said.ready)
  page.append(
    html(
      'div',
      { class: 'digits-grid' },
      html(
        'section',
        { class: 'card digits-training', 'aria-label': 'Training' },
        html('h2', {}, 'Train the network'),
        controls.element,
        html('div', { class: 'transport' }, start, reset, forget, status),
        note,
      ),
      numbers.element,
      html('div', { class: 'digits-charts' }, ...charts.elements),
      runs.element,
      html(
        'section',
        { class: 'card digits-try', 'aria-label': 'Try it' },
        html('h2', {}, 'Draw a digit'),
        pad.element,
        verdict,
        bars.element,
      ),
    ),
  )
  pad.show(0)
  show()
  return () => {
    asked++
    clearTimeout(timer)
    charts.close()
    session.close()
  }
}
