/** Lines that grow with a race, over a picture that stays: paths on the contour picture, losses on the other. */
import { svg } from '../dom.js'
import { classOf, shapeOf } from '../look.js'
import { numberOf } from './optimizers.js'
import { type Lane, lastOf } from './state.js'

/** A rectangle of a picture, in its units. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The place of a lane's step in a picture. */
export type Place = (lane: Lane, step: number) => readonly [x: number, y: number]

interface Trace {
  readonly group: SVGGElement
  readonly lines: readonly SVGPathElement[]
  readonly mark: SVGPathElement
  lane: Lane | undefined
  pieces: readonly string[]
}

export interface Traces {
  readonly layer: SVGElement
  /** Shows the lanes up to a step. */
  readonly show: (lanes: readonly Lane[], step: number) => void
}

const trace = ({ runner: { optimizer } }: Lane): Trace => {
  // a rim in the colour of the page keeps lines apart that cross
  const lines = [svg('path', { class: 'rim' }), svg('path', { class: 'line' })]
  const mark = svg('path', { class: 'mark', d: shapeOf(numberOf(optimizer)) })
  const group = svg('g', { class: classOf(numberOf(optimizer)), 'data-name': optimizer.name }, ...lines, mark)
  return { group, lines, mark, lane: undefined, pieces: [] }
}

/** A layer of lines for a picture, cut off at its frame. */
export const tracesIn = ({ left, top, right, bottom }: Frame, place: Place): Traces => {
  const [width, height] = [right - left, bottom - top]
  const layer = svg('svg', {
    class: 'traces',
    'aria-hidden': 'true',
    ...{ x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` },
  })
  const traces = new Map<string, Trace>()
  const show = (lanes: readonly Lane[], step: number): void => {
    const present = new Set(lanes.map(({ runner }) => runner.optimizer.name))
    for (const [name, { group }] of traces)
      if (!present.has(name)) {
        group.remove()
        traces.delete(name)
      }
    for (const lane of lanes) {
      const { name } = lane.runner.optimizer
      const own = traces.get(name) ?? trace(lane)
      traces.set(name, own)
      if (own.lane?.path !== lane.path) {
        own.lane = lane
        own.pieces = lane.path.points.map((_, i) => {
          const [x, y] = place(lane, i)
          return `${i === 0 ? 'M' : 'L'}${x.toFixed(1)},${y.toFixed(1)}`
        })
      }
      const last = lastOf(lane, step)
      const d = own.pieces.slice(0, last + 1).join('')
      for (const line of own.lines) line.setAttribute('d', d)
      own.mark.setAttribute('transform', `translate(${place(lane, last).join(',')})`)
    }
    // in the order of the table, whichever was chosen first
    layer.append(...lanes.flatMap(({ runner }) => traces.get(runner.optimizer.name)?.group ?? []))
  }
  return { layer, show }
}
