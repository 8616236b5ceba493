/** The second task: a small transformer learns to go on with a text, character by character. */
import * as tf from '@tensorflow/tfjs-core'
import { type Batch, shuffled } from '../digits/batch.js'
import type { Task } from './compare.js'
import {
  initialTransformer,
  type Transformer,
  type TransformerSizes,
  transformerScores,
} from './transformer.js'

/** How many pieces of the text are read in a step, in all steps, in tuning and in tests. */
export interface Reading {
  readonly batchSize: number
  readonly steps: number
  readonly held: number
  readonly test: number
}

type Piece = readonly number[]

/** The text as numbers, one for each character that it has so often; 0 is any other. */
const numbered = (text: string, least: number): { readonly codes: Piece; readonly vocabulary: number } => {
  const counts = new Map<string, number>()
  const characters = [...text]
  for (const c of characters) counts.set(c, (counts.get(c) ?? 0) + 1)
  const usual = [...counts].filter(([, count]) => count >= least).map(([c]) => c)
  const codeOf = new Map(usual.map((c, i) => [c, i + 1]))
  return { codes: characters.map((c) => codeOf.get(c) ?? 0), vocabulary: usual.length + 1 }
}

/** Pieces as a batch: its `images` are the characters that are read, its `labels` those that come next. */
const toBatch = (pieces: readonly Piece[], vocabulary: number): Batch =>
  tf.tidy(() => ({
    images: tf.tensor2d(
      pieces.map((piece) => piece.slice(0, -1)),
      undefined,
      'int32',
    ),
    labels: tf.cast(
      tf.oneHot(
        tf.tensor1d(
          pieces.flatMap((piece) => piece.slice(1)),
          'int32',
        ),
        vocabulary,
      ),
      'float32',
    ) as tf.Tensor2D, // of one axis it makes two
  }))

/** A batch is lent: it is freed when the next one is asked for. */
function* dealt(pieces: readonly Piece[], batchSize: number, vocabulary: number): Generator<Batch> {
  for (let first = 0; first < pieces.length; first += batchSize) {
    const { images, labels } = toBatch(pieces.slice(first, first + batchSize), vocabulary)
    yield { images, labels }
    tf.dispose([images, labels])
  }
}

/**
 * The task with this text: it is cut in pieces, which are shuffled; each piece is read once at most. Throws if there are
 * too few.
 */
export const textTask = (
  text: string,
  shape: Omit<TransformerSizes, 'vocabulary'>,
  { batchSize, steps, held, test }: Reading,
): Task<Transformer> => {
  const { codes, vocabulary } = numbered(text, 20)
  const sizes = { ...shape, vocabulary }
  const length = shape.sequence + 1
  const all = shuffled(
    Array.from({ length: Math.floor(codes.length / length) }, (_, i) =>
      codes.slice(i * length, (i + 1) * length),
    ),
    0,
  )
  const [others, read] = [held + test, batchSize * steps]
  if (all.length < others + read)
    throw new RangeError(
      `the text has ${all.length} pieces of ${length} characters, and needs ${others + read}`,
    )
  const scores = transformerScores(sizes)
  return {
    steps,
    model: (seed) => ({
      begin: () => initialTransformer(sizes, 1000 * seed + 1),
      predictWith: (parameters) => (characters) => scores(parameters, characters),
    }),
    batches: (seed) => dealt(shuffled(all.slice(others), 100 + seed).slice(0, read), batchSize, vocabulary),
    held: () => toBatch(all.slice(0, held), vocabulary),
    test: () => toBatch(all.slice(held, others), vocabulary),
  }
}
