/** The contour picture, the paths on it, and the point where they start, which can be moved. */
import * as Plot from '@observablehq/plot'
import { html, svg } from '../dom.js'
import { colour, onResize, plotOf } from '../picture.js'
import type { Objective, Point } from './functions.js'
import { type Change, type Shown, type View, withStart } from './state.js'
import { type Frame, type Traces, tracesIn } from './traces.js'

const margin = { left: 30, top: 10, right: 16, bottom: 26 }

/** Places of points in a picture as wide as it is high. */
const placing = ({ x, y }: Objective['domain'], width: number) => {
  const frame: Frame = { left: margin.left, top: margin.top, right: width - margin.right, bottom: 0 }
  const side = frame.right - frame.left
  const bottom = margin.top + side
  return {
    frame: { ...frame, bottom },
    height: bottom + margin.bottom,
    placeOf: (at: Point): readonly [number, number] => [
      frame.left + ((at.x - x[0]) / (x[1] - x[0])) * side,
      bottom - ((at.y - y[0]) / (y[1] - y[0])) * side,
    ],
    pointAt: (left: number, top: number): Point => ({
      x: x[0] + ((left - frame.left) / side) * (x[1] - x[0]),
      y: y[0] + ((bottom - top) / side) * (y[1] - y[0]),
    }),
  }
}

export const contourView = (root: HTMLElement, change: Change): View => {
  const picture = html('div', { class: 'picture map' })
  const handle = html('button', { type: 'button', class: 'start', 'aria-describedby': 'start-help' })
  root.append(
    html(
      'figure',
      {},
      html('figcaption', {}, 'Paths'),
      html('div', { class: 'over' }, picture, handle),
      html(
        'p',
        { id: 'start-help', class: 'hint' },
        'The ring is the start: drag it, click elsewhere, or move it with the arrow keys. The cross is the minimum.',
      ),
    ),
  )

  let shown: Shown | undefined
  let drawn:
    | { readonly key: string; readonly traces: Traces; readonly place: ReturnType<typeof placing> }
    | undefined

  const draw = ({ state }: Shown, width: number): { traces: Traces; place: ReturnType<typeof placing> } => {
    const { objective } = state.race
    const place = placing(objective.domain, width)
    const { frame, height } = place
    const plot = Plot.plot({
      ...plotOf(width, height, margin),
      ariaLabel: `Contours of ${objective.title}`,
      x: { domain: objective.domain.x, ticks: 5, label: null },
      y: { domain: objective.domain.y, ticks: 5, label: null },
      color: { type: 'linear', range: [colour('contour-low'), colour('contour-high')] },
      marks: [
        Plot.contour({
          // most of these functions rise over many powers of ten
          fill: (x: number, y: number) => Math.log(objective.value({ x, y }) + objective.floor),
          x1: objective.domain.x[0],
          x2: objective.domain.x[1],
          y1: objective.domain.y[0],
          y2: objective.domain.y[1],
          pixelSize: 2,
          thresholds: 16,
          stroke: colour('contour-line'),
          strokeWidth: 0.6,
        }),
      ],
    })
    const traces = tracesIn(frame, ({ path }, step) => place.placeOf(path.points[step] ?? state.race.start))
    const [x, y] = place.placeOf(objective.minimum)
    plot.append(
      traces.layer,
      svg('path', { class: 'minimum', d: 'M-6,-6L6,6M-6,6L6,-6', transform: `translate(${x},${y})` }),
    )
    picture.replaceChildren(plot)
    return { traces, place }
  }

  const render = (next: Shown): void => {
    shown = next
    const width = picture.clientWidth
    if (width === 0) return
    const { race } = next.state
    const key = [race.objective.name, width, colour('contour-low')].join()
    if (drawn?.key !== key) drawn = { key, ...draw(next, width) }
    drawn.traces.show(next.lanes, next.step)
    const [x, y] = drawn.place.placeOf(race.start)
    handle.style.left = `${x}px`
    handle.style.top = `${y}px`
    handle.setAttribute('aria-label', `Start at x ${race.start.x}, y ${race.start.y}`)
  }

  const moveTo = ({ clientX, clientY }: MouseEvent): void => {
    const { left, top } = picture.getBoundingClientRect()
    const { place } = drawn ?? {}
    if (place !== undefined) withStart(change, () => place.pointAt(clientX - left, clientY - top))
  }
  picture.addEventListener('click', moveTo)
  const movable: readonly HTMLElement[] = [picture, handle]
  for (const element of movable) {
    element.addEventListener('pointerdown', (event) => {
      // a finger that moves over the picture scrolls the page; the ring is for dragging
      if (event.button !== 0 || (event.pointerType === 'touch' && element === picture)) return
      element.setPointerCapture(event.pointerId)
    })
    element.addEventListener('pointermove', (event) => {
      if (element.hasPointerCapture(event.pointerId)) moveTo(event)
    })
  }
  handle.addEventListener('keydown', (event) => {
    const direction: readonly [number, number] | undefined = {
      ArrowLeft: [-1, 0] as const,
      ArrowRight: [1, 0] as const,
      ArrowUp: [0, 1] as const,
      ArrowDown: [0, -1] as const,
    }[event.key]
    if (direction === undefined || shown === undefined) return
    event.preventDefault()
    const [low, high] = shown.state.race.objective.domain.x
    const stride = ((high - low) / 40) * (event.shiftKey ? 0.2 : 1)
    withStart(change, ({ x, y }) => ({ x: x + direction[0] * stride, y: y + direction[1] * stride }))
  })
  const stop = onResize(picture, () => shown !== undefined && render(shown))
  return { render, stop }
}
