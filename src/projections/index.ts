/** The namespace `projections` of the public entry. */
export {
  projectionBox,
  projectionHypercube,
  projectionLinfBall,
  projectionNonNegative,
} from './box.js'
export { projectionHalfspace, projectionHyperplane, projectionVector } from './hyperplane.js'
export { projectionL2Ball, projectionL2Sphere } from './l2.js'
export type { Projected } from './project.js'
export { projectionL1Ball, projectionL1Sphere, projectionSimplex } from './simplex.js'
