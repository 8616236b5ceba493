/** What a step draws, before anything is drawn: its textures and programs. From there on nothing fails. */
import type { Access } from '../../../compile/glsl/shader.js'
import { type Refusal, refusal } from '../../fallback.js'
import type { Work } from '../../work.js'
import { inputOf } from '../inputs.js'
import type { Memory, Place, Tensor } from './backend.js'
import type { Geometry } from './layout.js'
import type { Shader } from './painter.js'
import type { Group, Outputs, Program, Reductions } from './program.js'

/** A draw that waits for the textures that it writes. */
export interface Ready<G extends Group = Group> {
  readonly leaf: number
  readonly group: G
  readonly shader: Shader
  readonly places: readonly Place[]
  readonly access: readonly Access[]
  readonly geometry: Geometry
}

/** Everything that a step draws. */
export interface Prepared {
  /** Per stage. */
  readonly reductions: readonly (readonly Ready<Reductions>[])[]
  /** Per leaf. */
  readonly own: readonly (readonly Ready<Outputs>[])[]
  /** Of the first leaf that has them. */
  readonly tree: readonly Ready<Outputs>[]
}

const lacksTexture = refusal('webgl', 'a tensor is not in a texture of the device')

const accessOf = (place: Place, geometry: Geometry): Access => {
  const isSame =
    place.isPacked === geometry.isPacked &&
    place.width === geometry.width &&
    place.height === geometry.height &&
    place.offset === 0 &&
    (!place.isPacked || (place.rows === geometry.rows && place.columns === geometry.columns))
  return isSame ? 'same' : place.isPacked ? 'packed' : 'row'
}

/** By the index of a number, of so many. */
const accessByIndex = (
  { isPacked, offset, width, height, rows, columns }: Place,
  { size }: Tensor,
): Access => {
  if (!isPacked) return height === 1 ? 'line' : 'row'
  const isMatrix = offset === 0 && size === rows * columns && width === Math.ceil(columns / 2)
  return isMatrix ? 'matrix' : 'packed'
}

/** The first element is at the first texel, whatever the layout. */
const accessOfOne = ({ offset }: Place): Access => (offset === 0 ? 'same' : 'row')

/** Brings all inputs to the device, and finds the programs. */
export const prepare = (work: Work<Tensor>, program: Program, memory: Memory): Prepared | Refusal => {
  const { plans, geometries } = program
  let refused: Refusal | null = null
  const ready = <G extends Group>(leaf: number, group: G, byCells = false): readonly Ready<G>[] => {
    const { tensors, elements, several } = group.found
    const geometry = program.geometryOf(leaf, group)
    // a leaf of no elements has nothing to draw
    if (geometry.texels === 0) return []
    const places: Place[] = []
    const access: Access[] = []
    for (let i = 0; i < tensors.length; i++) {
      const atom = tensors[i]
      const tensor = atom === undefined ? null : inputOf(work, leaf, atom)
      const place = tensor === null ? null : memory.placeOf(tensor, i < elements && geometry.isPacked)
      if (tensor === null || place === null) {
        refused = lacksTexture
        return []
      }
      places.push(place)
      access.push(
        i >= several
          ? accessOfOne(place)
          : i >= elements || byCells
            ? accessByIndex(place, tensor)
            : accessOf(place, geometry),
      )
    }
    const shader = group.shader(geometry.packing, access)
    if (typeof shader !== 'string') return [{ leaf, group, shader, places, access, geometry }]
    refused = refusal('webgl', shader)
    return []
  }
  const prepared: Prepared = {
    reductions: Array.from({ length: work.job.plan.stages }, (_, stage) =>
      plans.flatMap(({ reductions }, leaf) =>
        (geometries[leaf]?.texels ?? 0) === 0
          ? []
          : (reductions[stage] ?? []).flatMap((group) => ready(leaf, group, group.byCells)),
      ),
    ),
    own: plans.map(({ own }, leaf) => own.flatMap((group) => ready(leaf, group))),
    tree: plans.flatMap((plan, leaf) =>
      plans.indexOf(plan) === leaf ? plan.tree.flatMap((group) => ready(leaf, group)) : [],
    ),
  }
  return refused ?? prepared
}
