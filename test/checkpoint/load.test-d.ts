import type { io, Tensor } from '@tensorflow/tfjs-core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { expectTypeOf, test } from 'vitest'
import {
  type Handler,
  type LoadError,
  load,
  loadOr,
  type SavedLeaf,
  type SaveError,
  type SaveResult,
  save,
} from '../../src/checkpoint/index.js'
import type { Tree } from '../../src/tree/tree.js'

declare const run: { readonly w: Tensor; readonly step: number }
declare const handler: io.IOHandler

test('what is loaded has the type of `like`; without it, it is a tree of what a file can hold', () => {
  expectTypeOf(load('run', run)).toEqualTypeOf<TaskEither<LoadError, typeof run>>()
  expectTypeOf(load(handler)).toEqualTypeOf<TaskEither<LoadError, Tree<SavedLeaf>>>()
  expectTypeOf(save(handler, run)).toEqualTypeOf<TaskEither<SaveError, SaveResult>>()
  expectTypeOf(loadOr('run', run)).toEqualTypeOf<TaskEither<LoadError, typeof run>>()
})

test('handlers and their results are those of TensorFlow.js too', () => {
  expectTypeOf<io.IOHandler>().toExtend<Handler>()
  expectTypeOf<SaveResult>().toExtend<io.SaveResult>()
  expectTypeOf<io.SaveResult>().toExtend<SaveResult>()
})

test('the tag of an error tells what it knows', () => {
  const status = (error: LoadError): number | undefined =>
    error._tag === 'Refused' ? error.status : error._tag === 'DoesNotMatch' ? error.path.length : undefined
  expectTypeOf(status).returns.toEqualTypeOf<number | undefined>()
})
