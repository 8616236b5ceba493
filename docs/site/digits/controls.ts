/** The settings of a run: optimizer, learning rate, clipping, and where it is computed. */
import { html } from '../dom.js'
import { type Backend, lackOfWebgpu, titles } from './backends.js'
import { type Choice, codeOf, optimizers, usualRate } from './optimizers.js'
import type { Settings } from './session.js'

/** Called when a setting changes. */
export interface ControlsListener {
  readonly onChoice: () => void
  readonly onRate: () => void
}

export interface Controls {
  readonly element: HTMLElement
  readonly settings: () => Settings
  /** Shows the backend that runs, where it is another than the one that was chosen. */
  readonly setBackend: (backend: Backend) => void
}

/** Learning rates to choose from: four in each power of ten. */
const rates: readonly number[] = [-5, -4, -3, -2, -1, 0]
  .flatMap((power) => [1, 2, 3, 5].map((digit) => Number(`${digit}e${power}`)))
  .slice(0, -1)

const clips: Readonly<Record<string, number>> = { none: 0, '0.1': 0.1, '1': 1, '10': 10 }

const options = (titles: Readonly<Record<string, string>>): readonly HTMLOptionElement[] =>
  Object.entries(titles).map(([value, title]) => html('option', { value }, title))

const labelled = (title: string, ...control: readonly (Node | string)[]): HTMLElement =>
  html('label', { class: 'field' }, html('span', {}, title), ...control)

/** The backend that is chosen from the list; plain JavaScript is not in it, and takes over where WASM would run. */
const offered = (name: string): Backend => (name === 'webgpu' || name === 'webgl' ? name : 'wasm')

export const newControls = ({ onChoice, onRate }: ControlsListener): Controls => {
  const optimizer = html(
    'select',
    { name: 'optimizer' },
    ...options(Object.fromEntries(Object.entries(optimizers).map(([name, { title }]) => [name, title]))),
  )
  const clip = html(
    'select',
    { name: 'clip' },
    ...options({ none: 'not at all', '0.1': 'to norm 0.1', '1': 'to norm 1', '10': 'to norm 10' }),
  )
  const backend = html(
    'select',
    { name: 'backend' },
    ...options({ wasm: titles.wasm, webgpu: titles.webgpu, webgl: titles.webgl }),
  )
  const rate = html('input', { type: 'range', name: 'rate', min: 0, max: rates.length - 1, step: 1 })
  // the slider says its value itself, and an `output` would take its label
  const rateShown = html('span', { class: 'digits-value', 'aria-hidden': 'true' })
  const rateField = html(
    'label',
    { class: 'field' },
    html('span', { class: 'digits-rate' }, 'Learning rate', rateShown),
    rate,
  )
  const lack = html('p', { class: 'hint' })
  const code = html('code', { class: 'digits-code', 'aria-label': 'The optimizer in TypeScript' })

  const choice = (): Choice => ({ optimizer: optimizer.value, clip: clips[clip.value] ?? 0 })
  const rateNow = (): number => rates[rate.valueAsNumber] ?? usualRate(choice())
  const show = (): void => {
    rateShown.textContent = String(rateNow())
    rate.setAttribute('aria-valuetext', String(rateNow()))
    code.textContent = codeOf(choice(), String(rateNow()))
  }
  const toUsualRate = (): void => {
    rate.value = String(rates.indexOf(usualRate(choice())))
  }

  optimizer.addEventListener('change', () => {
    toUsualRate()
    show()
    onChoice()
  })
  for (const select of [clip, backend])
    select.addEventListener('change', () => {
      show()
      onChoice()
    })
  rate.addEventListener('input', () => {
    show()
    onRate()
  })

  optimizer.value = 'adam'
  toUsualRate()
  show()

  const gpu = backend.options[1]
  const allowGpu = (why: string | null): void => {
    if (gpu !== undefined) gpu.disabled = why !== null
    lack.textContent = why === null ? '' : `Not WebGPU: ${why}.`
  }
  allowGpu('looking for it')
  void lackOfWebgpu().then(allowGpu)

  return {
    element: html(
      'div',
      { class: 'digits-settings' },
      html(
        'div',
        { class: 'digits-fields' },
        labelled('Optimizer', optimizer),
        rateField,
        labelled('Clip gradients', clip),
        labelled('Compute with', backend),
      ),
      lack,
      code,
    ),
    settings: () => ({
      choice: choice(),
      rate: rateNow(),
      backend: offered(backend.value),
    }),
    setBackend: (running) => {
      backend.value = offered(running)
    },
  }
}
