/** What a step draws, before anything is drawn: its textures and programs. From there on nothing fails. */
import type { Access } from '../../../compile/glsl/shader.js'
import { type Refusal, refusal } from '../../fallback.js'
import type { Work } from '../../work.js'
import { inputOf } from '../inputs.js'
import type { Memory, Place, Tensor } from './backend.js'
import type { Geometry } from './layout.js'
import type { Shader } from './painter.js'
import type { Group, Outputs, Program, Reductions } from './program.js'

/** A leaf of one value. */
const scalar: Geometry = {
  packing: 1,
  isPacked: false,
  width: 1,
  height: 1,
  rows: 1,
  columns: 1,
  size: 1,
  texels: 1,
}

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
  readonly elements: readonly (readonly Ready<Outputs>[])[]
  readonly scalars: readonly (readonly Ready<Outputs>[])[]
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

/** The first element is at the first texel, whatever the layout. */
const accessOfOne = ({ offset }: Place): Access => (offset === 0 ? 'same' : 'row')

/** Brings all inputs to the device, and finds the programs. */
export const prepare = (work: Work<Tensor>, program: Program, memory: Memory): Prepared | Refusal => {
  const { plans, geometries } = program
  let refused: Refusal | null = null
  const ready = <G extends Group>(leaf: number, group: G, geometry: Geometry): readonly Ready<G>[] => {
    const { tensors, elements } = group.found
    const places: Place[] = []
    const access: Access[] = []
    for (let i = 0; i < tensors.length; i++) {
      const atom = tensors[i]
      const tensor = atom === undefined ? null : inputOf(work, leaf, atom)
      const place = tensor === null ? null : memory.placeOf(tensor, i < elements && geometry.isPacked)
      if (place === null) {
        refused = lacksTexture
        return []
      }
      places.push(place)
      access.push(i < elements ? accessOf(place, geometry) : accessOfOne(place))
    }
    const shader = group.shader(geometry.packing, access)
    if (typeof shader !== 'string') return [{ leaf, group, shader, places, access, geometry }]
    refused = refusal('webgl', shader)
    return []
  }
  const all = <G extends Group>(leaf: number, groups: readonly G[]): readonly Ready<G>[] => {
    const geometry = geometries[leaf]
    // a leaf of no elements has nothing to draw
    return geometry === undefined || geometry.texels === 0
      ? []
      : groups.flatMap((group) => ready(leaf, group, geometry))
  }
  const prepared: Prepared = {
    reductions: Array.from({ length: work.job.plan.stages }, (_, stage) =>
      plans.flatMap(({ reductions }, leaf) => all(leaf, reductions[stage] ?? [])),
    ),
    elements: plans.map(({ elements }, leaf) => all(leaf, elements)),
    scalars: plans.map(({ scalars }, leaf) => scalars.flatMap((group) => ready(leaf, group, scalar))),
    tree: plans.flatMap((plan, leaf) =>
      plans.indexOf(plan) === leaf ? plan.tree.flatMap((group) => ready(leaf, group, scalar)) : [],
    ),
  }
  return refused ?? prepared
}
