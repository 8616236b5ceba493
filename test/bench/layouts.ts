/** The shapes that are measured: single tensors, networks, and many small tensors. */

type Shape = readonly number[]

/** Shapes of the tensors of one network. */
export interface Layout {
  readonly name: string
  readonly shapes: readonly Shape[]
}

/** How many numbers a shape holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

/** How many numbers a layout holds. */
export const parametersOf = ({ shapes }: Layout): number =>
  shapes.reduce((sum, shape) => sum + sizeOf(shape), 0)

/** A dense layer: its kernel and its bias. */
const dense = (from: number, to: number): readonly Shape[] => [[from, to], [to]]

/** A convolution without bias and the scale and shift of the batch norm behind it. */
const convolution = (size: number, from: number, to: number): readonly Shape[] => [
  [size, size, from, to],
  [to],
  [to],
]

/** He et al., 2015, table 1, 50 layers: a stem, four stages of bottlenecks, a classifier. */
const resnet50 = (): readonly Shape[] => {
  const stages = [
    { blocks: 3, width: 64 },
    { blocks: 4, width: 128 },
    { blocks: 6, width: 256 },
    { blocks: 3, width: 512 },
  ]
  let from = 64
  const bottlenecks = stages.flatMap(({ blocks, width }) =>
    Array.from({ length: blocks }, (_, block) => {
      const to = 4 * width
      const shapes = [
        ...convolution(1, from, width),
        ...convolution(3, width, width),
        ...convolution(1, width, to),
        // the first block of a stage changes the width, so its shortcut is a projection
        ...(block === 0 ? convolution(1, from, to) : []),
      ]
      from = to
      return shapes
    }),
  )
  return [...convolution(7, 3, 64), ...bottlenecks.flat(), ...dense(2048, 1000)]
}

/** Six layers of width 256: attention, a network of four times the width, two layer norms; 1,000 words. */
const transformer = (): readonly Shape[] => {
  const width = 256
  const norm: readonly Shape[] = [[width], [width]]
  const layer = [
    ...norm,
    ...Array.from({ length: 4 }, () => dense(width, width)).flat(),
    ...norm,
    ...dense(width, 4 * width),
    ...dense(4 * width, width),
  ]
  return [[1000, width], ...Array.from({ length: 6 }, () => layer).flat(), ...norm]
}

const single = (exponent: number): Layout => ({ name: `1e${exponent}`, shapes: [[10 ** exponent]] })

/** All layouts, in the order of the tables. */
export const layouts: readonly Layout[] = [
  ...[3, 4, 5, 6, 7].map(single),
  { name: 'mlp', shapes: [...dense(784, 512), ...dense(512, 512), ...dense(512, 10)] },
  { name: 'transformer', shapes: transformer() },
  { name: 'resnet50', shapes: resnet50() },
  { name: '1000x100', shapes: Array.from({ length: 1000 }, () => [100]) },
]

/** Without those that take most of the time and memory: what is measured where nothing is asked for. */
export const usualLayouts: readonly Layout[] = layouts.filter(
  ({ name }) => !['1e4', '1e7', 'resnet50'].includes(name),
)

/** What is trained on the cpu backend of TensorFlow.js: there are no large networks. */
export const cpuLayouts: readonly Layout[] = [
  ...[3, 5, 6].map(single),
  { name: '784-128-10', shapes: [...dense(784, 128), ...dense(128, 10)] },
  { name: '100x1000', shapes: Array.from({ length: 100 }, () => [1000]) },
]

/** On WebGPU a kernel's fixed cost counts most, so there are fewer; the largest one is for real devices. */
export const webgpuLayouts: readonly Layout[] = [
  single(3),
  single(6),
  { name: '100x1000', shapes: Array.from({ length: 100 }, () => [1000]) },
  single(8),
]

/** Those that a device in software can bear. */
export const usualWebgpuLayouts: readonly Layout[] = webgpuLayouts.filter(({ name }) => name !== '1e8')

/** On arrays and plain numbers. */
export const arrayLayouts: readonly Layout[] = [
  { name: '10', shapes: [[10]] },
  ...[3, 4, 5, 6].map(single),
  { name: '100x10', shapes: Array.from({ length: 100 }, () => [10]) },
  { name: '1000 numbers', shapes: Array.from({ length: 1000 }, () => []) },
]

/** On WebGL in software, in a page. */
export const webglLayouts: readonly Layout[] = [
  single(3),
  single(5),
  single(6),
  { name: '50x1000', shapes: Array.from({ length: 50 }, () => [1000]) },
]
