/** The square to draw a digit on, by mouse, finger or pen; by keyboard, digits of the test are put on it. */
import { html } from '../dom.js'
import { normalize } from './normalize.js'
import { type Packed, pixelsOf, side } from './pack.js'

/** What lies on the pad. */
export interface Shown {
  /** What the network sees, 784 pixels; `null` where the pad is empty. */
  readonly picture: Float32Array | null
  /** What it is, where that is known: for a digit of the test. */
  readonly label: number | null
  /** Whether it is still being drawn. */
  readonly drawing: boolean
}

export interface Pad {
  readonly element: HTMLElement
  readonly shown: () => Shown
  /** Puts a digit of the test on the pad; the next one if none is named. */
  readonly show: (at?: number) => void
}

/** The pixels of the canvas on each side; the page's style scales it. */
const resolution = 280

/** A stroke of a digit of MNIST is two to three of its 28 pixels wide. */
const stroke = 24

const context = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const found = canvas.getContext('2d', { willReadFrequently: true })
  if (found === null) throw new Error('this browser has no canvas to draw on')
  return found
}

/** Ink is black of some opacity, on nothing; the page's style gives paper and colours. */
const toImage = (pixels: Float32Array): ImageData => {
  const image = new ImageData(side, side)
  for (const [i, ink] of pixels.entries()) image.data[4 * i + 3] = Math.round(255 * ink)
  return image
}

/** Makes a pad for drawings and for digits of the test. It calls back whenever what is on it changes. */
export const newPad = (test: Packed, onChange: () => void): Pad => {
  const canvas = html('canvas', {
    width: resolution,
    height: resolution,
    tabindex: 0,
    role: 'img',
    'aria-describedby': 'digits-pad-keys',
    class: 'digits-pad-canvas',
  })
  const seen = html('canvas', { width: side, height: side, role: 'img', class: 'digits-seen' })
  const another = html('button', { type: 'button', name: 'another' }, 'Another digit')
  const clear = html('button', { type: 'button', name: 'clear' }, 'Clear')
  const caption = html('p', { class: 'digits-caption' })
  const [pen, small] = [context(canvas), context(seen)]

  let shown: Shown = { picture: null, label: null, drawing: false }
  let at = -1
  let last: readonly [number, number] | null = null

  const present = (next: Shown, what: string): void => {
    shown = next
    canvas.setAttribute('aria-label', `Drawing pad: ${what}`)
    caption.textContent = what
    small.clearRect(0, 0, side, side)
    if (next.picture !== null) small.putImageData(toImage(next.picture), 0, 0)
    seen.setAttribute('aria-label', `What the network sees: ${next.picture === null ? 'nothing' : what}`)
    onChange()
  }

  const empty = (): void => {
    pen.clearRect(0, 0, resolution, resolution)
    present({ picture: null, label: null, drawing: false }, 'draw a digit here')
  }

  const read = (drawing: boolean): void => {
    const { data } = pen.getImageData(0, 0, resolution, resolution)
    const ink = Float32Array.from({ length: resolution ** 2 }, (_, i) => (data[4 * i + 3] ?? 0) / 255)
    const picture = normalize({ width: resolution, height: resolution, ink })
    present({ picture, label: null, drawing }, 'your drawing')
  }

  const show = (number = at + 1): void => {
    const count = test.labels.length
    at = ((number % count) + count) % count
    const picture = pixelsOf(test, at)
    const digit = new OffscreenCanvas(side, side)
    digit.getContext('2d')?.putImageData(toImage(picture), 0, 0)
    pen.clearRect(0, 0, resolution, resolution)
    pen.drawImage(digit, 0, 0, resolution, resolution)
    const label = test.labels[at] ?? 0
    present({ picture, label, drawing: false }, `test digit ${at + 1}, labelled ${label}`)
  }

  const place = ({ clientX, clientY }: PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = canvas.getBoundingClientRect()
    return [((clientX - left) / width) * resolution, ((clientY - top) / height) * resolution]
  }
  const lineTo = (to: readonly [number, number]): void => {
    const [x, y] = last ?? to
    pen.lineWidth = stroke
    pen.lineCap = pen.lineJoin = 'round'
    pen.beginPath()
    pen.moveTo(x, y)
    pen.lineTo(...to)
    pen.stroke()
    last = to
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary) return
    canvas.setPointerCapture(event.pointerId)
    // who draws on a digit of the test wants a sheet of his own
    if (shown.label !== null) pen.clearRect(0, 0, resolution, resolution)
    last = null
    lineTo(place(event))
    read(true)
  })
  canvas.addEventListener('pointermove', (event) => {
    if (last === null || !event.isPrimary) return
    // a fast pen moves several times in a frame
    const moves = event.getCoalescedEvents?.() ?? []
    for (const move of moves.length > 0 ? moves : [event]) lineTo(place(move))
    read(true)
  })
  for (const end of ['pointerup', 'pointercancel'] as const)
    canvas.addEventListener(end, () => {
      if (last === null) return
      last = null
      read(false)
    })
  canvas.addEventListener('keydown', (event) => {
    const { key } = event
    if (key === 'ArrowRight' || key === 'ArrowDown') show(at + 1)
    else if (key === 'ArrowLeft' || key === 'ArrowUp') show(at - 1)
    else if (key === 'Delete' || key === 'Backspace' || key === 'Escape') empty()
    else return
    event.preventDefault()
  })
  another.addEventListener('click', () => show())
  clear.addEventListener('click', empty)

  const element = html(
    'div',
    { class: 'digits-pad' },
    html('div', { class: 'digits-paper' }, canvas),
    html(
      'div',
      { class: 'digits-pad-side' },
      caption,
      html(
        'figure',
        {},
        html('div', { class: 'digits-paper' }, seen),
        html('figcaption', {}, 'as the network sees it'),
      ),
      html('div', { class: 'digits-buttons' }, another, clear),
    ),
    html(
      'p',
      { id: 'digits-pad-keys', class: 'hint' },
      'Draw with mouse, finger or pen. Arrow keys on the pad bring digits that the network has not learned from; Delete clears it.',
    ),
  )
  return { element, shown: () => shown, show }
}
