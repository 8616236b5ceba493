/** Makes TensorFlow.js's tensors leaves: every entry for TensorFlow.js imports this. */
import type * as tf from '@tensorflow/tfjs-core'
import {
  abs,
  add,
  addN,
  cast,
  concat1d,
  cumsum,
  customGrad,
  div,
  divNoNan,
  engine,
  expandDims,
  fill,
  getBackend,
  greater,
  io,
  keep,
  less,
  lessEqual,
  matMul,
  max,
  maximum,
  mean,
  minimum,
  mul,
  notEqual,
  ones,
  onesLike,
  range,
  relu,
  reshape,
  rsqrt,
  scalar,
  slice,
  sqrt,
  square,
  squeeze,
  sub,
  sum,
  Tensor,
  tensor,
  tensor_util,
  tidy,
  tile,
  topk,
  transpose,
  Variable,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core'
import { bringReductions } from '../declare/reduction.js'
import { bring } from '../host/brought.js'
import { byParts } from '../host/parts.js'
import { tensorHost } from '../host/tfjs/host.js'
import { bringLibrary } from '../host/tfjs/library.js'
import { disposing } from '../program/dispose.js'
import { expectNoVariable } from '../transform/giveUp.js'
import { grad } from './valueAndGrad.js'

declare module '../rule/leaf.js' {
  interface TensorLibraries {
    /** Those of TensorFlow.js. */
    readonly tfjs: {
      /** Of any rank. */
      readonly tensor: tf.Tensor
      /** Of one number. */
      readonly scalar: tf.Scalar
    }
  }
}

// one by one: a bundler leaves out what is not named
bringLibrary(
  {
    abs,
    add,
    addN,
    cast,
    concat1d,
    cumsum,
    customGrad,
    div,
    divNoNan,
    engine,
    expandDims,
    fill,
    getBackend,
    greater,
    io,
    keep,
    less,
    lessEqual,
    matMul,
    max,
    maximum,
    mean,
    minimum,
    mul,
    notEqual,
    ones,
    onesLike,
    range,
    relu,
    reshape,
    rsqrt,
    scalar,
    slice,
    sqrt,
    square,
    squeeze,
    sub,
    sum,
    tensor,
    Tensor,
    tensor_util,
    tidy,
    tile,
    topk,
    transpose,
    Variable,
    where,
    zeros,
    zerosLike,
  },
  grad,
)
bring({ tensors: tensorHost, parts: byParts, disposing, expectNoVariable })
bringReductions()
