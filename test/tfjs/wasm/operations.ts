/** Every operation of TensorFlow.js that has a gradient, with inputs to try it on. */
import * as tf from '@tensorflow/tfjs'
import { type Given, given, type Operation, weights } from './agreement.js'

/** An operation, and inputs for it. */
export interface Case {
  readonly f: Operation
  readonly inputs: Readonly<Record<string, Given>>
}

/** Numbers of a shape between two bounds. */
const between = (low: number, high: number, ...shape: readonly number[]): Given => {
  const { values } = given(shape.length + low, ...shape)
  return { shape, values: values.map((value) => low + ((value + 1) / 2) * (high - low)) }
}

const get = (inputs: Readonly<Record<string, tf.Tensor>>, name: string): tf.Tensor => {
  const tensor = inputs[name]
  if (tensor === undefined) throw new Error(`no ${name}`)
  return tensor
}

/** Of one tensor. */
const one = (f: (x: tf.Tensor) => tf.Tensor, x: Given): Case => ({
  f: (inputs) => f(get(inputs, 'x')),
  inputs: { x },
})

/** Of two. */
const two = (f: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor, x: Given, y: Given): Case => ({
  f: (inputs) => f(get(inputs, 'x'), get(inputs, 'y')),
  inputs: { x, y },
})

const number = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32')

const [wide, positive, unit] = [between(-3, 3, 4, 7), between(0.3, 3, 4, 7), between(-0.9, 0.9, 4, 7)]
const [image, volume] = [given(3, 2, 7, 6, 3), given(4, 2, 4, 5, 6, 2)]
const other = between(0.5, 2, 1, 7)

/** Images, as the types of operations want them. */
const as4D = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D // of rank 4
const as5D = (x: tf.Tensor): tf.Tensor5D => x as tf.Tensor5D // of rank 5

/** By the names of kernels that have a gradient. */
export const kernels: Readonly<Record<string, Case>> = {
  Abs: one(tf.abs, wide),
  Acos: one(tf.acos, unit),
  Acosh: one(tf.acosh, between(1.5, 4, 4, 7)),
  Add: two(tf.add, wide, other),
  AddN: two((x, y) => tf.addN([x, y, x]), wide, positive),
  ArgMax: one((x) => number(tf.argMax(x, 1)), wide),
  ArgMin: one((x) => number(tf.argMin(x, 1)), wide),
  Asin: one(tf.asin, unit),
  Asinh: one(tf.asinh, wide),
  Atan: one(tf.atan, wide),
  Atan2: two(tf.atan2, wide, positive),
  Atanh: one(tf.atanh, unit),
  AvgPool: one((x) => tf.avgPool(as4D(x), 3, 2, 'same'), image),
  AvgPool3D: one((x) => tf.avgPool3d(as5D(x), 2, 2, 'valid'), volume),
  BatchMatMul: two((x, y) => tf.matMul(x, y, true), given(1, 3, 5, 9), given(2, 3, 5, 10)),
  BatchToSpaceND: one(
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 0],
        ],
      ),
    given(1, 4, 3, 4, 2),
  ),
  BroadcastTo: one(
    (x) => tf.broadcastTo(x, [3, 4, 7]),
    other.shape.length === 2 ? between(-1, 1, 4, 1) : other,
  ),
  Cast: one((x) => tf.mul(tf.cast(x, 'int32'), x), wide),
  Ceil: one(tf.ceil, wide),
  ClipByValue: one((x) => tf.clipByValue(x, -1, 2), wide),
  Concat: two((x, y) => tf.concat([x, y], 1), wide, positive),
  Conv2D: two((x, y) => tf.conv2d(as4D(x), as4D(y), 2, 'same'), image, given(5, 3, 3, 3, 4)),
  Conv2DBackpropInput: two(
    (x, y) => tf.conv2dTranspose(as4D(x), as4D(y), [2, 14, 12, 4], 2, 'same'),
    image,
    given(5, 3, 3, 4, 3),
  ),
  Conv3D: two((x, y) => tf.conv3d(as5D(x), as5D(y), 1, 'same'), volume, given(5, 2, 3, 3, 2, 4)),
  Cos: one(tf.cos, wide),
  Cosh: one(tf.cosh, wide),
  Cumsum: one((x) => tf.cumsum(x, 1, true, true), wide),
  DepthwiseConv2dNative: two(
    (x, y) => tf.depthwiseConv2d(as4D(x), as4D(y), 1, 'same'),
    image,
    given(5, 3, 3, 3, 2),
  ),
  Dilation2D: two(
    (x, y) => tf.dilation2d(as4D(x), y as tf.Tensor3D, 1, 'same'), // of rank 3
    image,
    given(5, 2, 2, 3),
  ),
  Elu: one(tf.elu, wide),
  Erf: one(tf.erf, wide),
  Exp: one(tf.exp, wide),
  ExpandDims: one((x) => tf.expandDims(x, 1), wide),
  Expm1: one(tf.expm1, wide),
  Floor: one(tf.floor, wide),
  FloorDiv: two((x, y) => number(tf.floorDiv(x, y)), wide, positive),
  FusedBatchNorm: {
    f: (inputs) =>
      tf.batchNorm(
        get(inputs, 'x'),
        get(inputs, 'mean') as tf.Tensor1D,
        get(inputs, 'variance') as tf.Tensor1D,
        get(inputs, 'offset') as tf.Tensor1D,
        get(inputs, 'scale') as tf.Tensor1D,
      ), // of rank 1
    inputs: {
      x: image,
      mean: between(-1, 1, 3),
      variance: between(0.5, 2, 3),
      offset: between(-1, 2, 3),
      scale: between(0.5, 3, 3),
    },
  },
  GatherV2: one((x) => tf.gather(x, tf.tensor1d([3, 0, 3, 1], 'int32')), wide),
  GreaterEqual: two((x, y) => number(tf.greaterEqual(x, y)), wide, positive),
  Identity: one((x) => tf.clone(x), wide),
  IsFinite: one((x) => number(tf.isFinite(x)), wide),
  IsInf: one((x) => number(tf.isInf(x)), wide),
  IsNan: one((x) => number(tf.isNaN(x)), wide),
  LRN: one((x) => tf.localResponseNormalization(as4D(x), 2, 1, 0.5, 0.75), image),
  LeakyRelu: one((x) => tf.leakyRelu(x, 0.3), wide),
  Log: one(tf.log, positive),
  Log1p: one(tf.log1p, positive),
  LogSoftmax: one((x) => tf.logSoftmax(x), wide),
  Max: one((x) => tf.max(x, 1), wide),
  MaxPool: one((x) => tf.maxPool(as4D(x), 3, 2, 'same'), image),
  MaxPool3D: one((x) => tf.maxPool3d(as5D(x), 2, 2, 'valid'), volume),
  Maximum: two(tf.maximum, wide, positive),
  Mean: one((x) => tf.mean(x, [0, 2]), image),
  Min: one((x) => tf.min(x, 0), wide),
  Minimum: two(tf.minimum, wide, positive),
  MirrorPad: one(
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [2, 1],
        ],
        'reflect',
      ),
    wide,
  ),
  Mod: two(tf.mod, wide, positive),
  Multiply: two(tf.mul, wide, other),
  Neg: one(tf.neg, wide),
  OneHot: one((x) => tf.mul(number(tf.oneHot(tf.cast(tf.abs(x), 'int32'), 4)), tf.expandDims(x, 2)), wide),
  OnesLike: one((x) => tf.mul(tf.onesLike(x), x), wide),
  Pack: two((x, y) => tf.stack([x, y], 1), wide, positive),
  PadV2: one(
    (x) =>
      tf.pad(
        x,
        [
          [1, 2],
          [0, 3],
        ],
        0.5,
      ),
    wide,
  ),
  Pow: two(tf.pow, positive, other),
  Prelu: two(tf.prelu, wide, other),
  Prod: one((x) => tf.prod(x, 1), wide),
  RealDiv: two(tf.div, wide, other),
  Reciprocal: one(tf.reciprocal, positive),
  Relu: one(tf.relu, wide),
  Relu6: one(tf.relu6, between(-3, 9, 4, 7)),
  Reshape: one((x) => tf.reshape(x, [2, 14]), wide),
  // on cpu, the gradient has its height and width exchanged
  ResizeBilinear: one((x) => tf.image.resizeBilinear(as4D(x), [9, 4]), given(3, 2, 6, 6, 3)),
  ResizeNearestNeighbor: one((x) => tf.image.resizeNearestNeighbor(as4D(x), [9, 11]), given(3, 1, 7, 6, 3)),
  Reverse: one((x) => tf.reverse(x, 1), wide),
  Round: one(tf.round, wide),
  Rsqrt: one(tf.rsqrt, positive),
  Select: two((x, y) => tf.where(tf.greater(weights(x), 0), x, y), wide, positive),
  Selu: one(tf.selu, wide),
  Sigmoid: one(tf.sigmoid, wide),
  Sign: one(tf.sign, wide),
  Sin: one(tf.sin, wide),
  Sinh: one(tf.sinh, wide),
  Slice: one((x) => tf.slice(x, [1, 2], [2, 4]), wide),
  Softmax: one((x) => tf.softmax(x), wide),
  Softplus: one(tf.softplus, wide),
  SpaceToBatchND: one(
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 1],
          [1, 1],
        ],
      ),
    image,
  ),
  SplitV: one((x) => {
    const [left, right] = tf.split(x, [3, 4], 1)
    if (left === undefined || right === undefined) throw new Error('two parts')
    return tf.concat([right, left], 1)
  }, wide),
  Sqrt: one(tf.sqrt, positive),
  Square: one(tf.square, wide),
  SquaredDifference: two(tf.squaredDifference, wide, positive),
  Step: one((x) => tf.step(x), wide),
  Sub: two(tf.sub, wide, other),
  Sum: one((x) => tf.sum(x, 0), image),
  Tan: one(tf.tan, unit),
  Tanh: one(tf.tanh, wide),
  Tile: one((x) => tf.tile(x, [2, 3]), wide),
  Transpose: one((x) => tf.transpose(x, [2, 0, 3, 1]), image),
  Unpack: one((x) => {
    const rows = tf.unstack(x)
    return rows.reduce((sum, row, i) => tf.add(sum, tf.mul(row, i)))
  }, wide),
  UnsortedSegmentSum: one((x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 1], 'int32'), 4), wide),
  ZerosLike: one((x) => tf.add(tf.zerosLike(x), x), wide),
}

/** Operations that are made of others, or of kernels in another way. */
export const composed: Readonly<Record<string, Case>> = {
  'sum over the last dimension': one((x) => tf.sum(x, -1), image),
  'sum over dimensions, kept': one((x) => tf.sum(x, [0, 1, 2], true), image),
  'mean of a batch': one((x) => tf.mean(x, [0, 1, 2]), image),
  'a mean over none of many': one((x) => tf.mean(x, []), image),
  'tile of a channel': one((x) => tf.tile(tf.reshape(x, [1, 1, 28]), [3, 4, 1]), wide),
  moments: one((x) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2])
    return tf.add(mean, variance)
  }, image),
  conv1d: two(
    (x, y) => tf.conv1d(x as tf.Tensor3D, y as tf.Tensor3D, 2, 'same'), // of rank 3
    given(1, 2, 9, 3),
    given(2, 3, 3, 5),
  ),
  'conv2d of one example by 1 × 1': two(
    (x, y) => tf.conv2d(as4D(x), as4D(y), 1, 'valid'),
    given(1, 1, 5, 4, 7),
    given(2, 1, 1, 7, 8),
  ),
  'fused.matMul': two(
    (x, y) => tf.fused.matMul({ a: x, b: y, transposeB: true, activation: 'relu' }),
    given(1, 5, 9),
    given(2, 6, 9),
  ),
  'fused.conv2d': two(
    (x, y) => tf.fused.conv2d({ x: as4D(x), filter: as4D(y), strides: 1, pad: 'same', bias: tf.ones([4]) }),
    image,
    given(5, 3, 3, 3, 4),
  ),
  'fused.depthwiseConv2d': two(
    (x, y) => tf.fused.depthwiseConv2d({ x: as4D(x), filter: as4D(y), strides: 1, pad: 'same' }),
    image,
    given(5, 3, 3, 3, 1),
  ),
  separableConv2d: two(
    (x, y) => tf.separableConv2d(as4D(x), as4D(y), tf.ones([1, 1, 6, 2]), 1, 'same'),
    image,
    given(5, 3, 3, 3, 2),
  ),
  logSumExp: one((x) => tf.logSumExp(x, 1), wide),
  norm: one((x) => tf.norm(x, 2, 1), wide),
  'losses.softmaxCrossEntropy': one(
    (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([1, 0, 3, 6], 'int32'), 7), x),
    wide,
  ),
  'losses.sigmoidCrossEntropy': one((x) => tf.losses.sigmoidCrossEntropy(tf.ones([4, 7]), x), wide),
  'einsum of matrices': two((x, y) => tf.einsum('bij,bkj->bik', x, y), given(1, 2, 3, 4), given(2, 2, 5, 4)),
  'einsum of heads': two((x, y) => tf.einsum('btd,dhk->bhtk', x, y), given(1, 2, 3, 4), given(2, 4, 2, 5)),
  'einsum of one': one((x) => tf.einsum('ijk->ki', x), given(1, 2, 3, 4)),
  'einsum to a number': two((x, y) => tf.einsum('ij,ij->', x, y), wide, positive),
  'where with one condition for rows': two(
    (x, y) => tf.where(tf.tensor1d([1, 0, 0, 1], 'bool').expandDims(1).tile([1, 7]), x, y),
    wide,
    positive,
  ),
}
