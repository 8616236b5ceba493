/** A file says which transformation its tree belongs to, and is refused where another one is meant. */
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import {
  type CheckpointOptions,
  decode,
  descriptionOf,
  encode,
  load,
  save,
} from '../../src/checkpoint/index.js'
import {
  type AnyTransformation,
  adam,
  chain,
  clip,
  type Description,
  fromDescription,
  sgd,
  describe as told,
} from '../../src/index.js'

const params = { w: Float32Array.of(1, 2), b: 0.5 }

const descriptionFor = (tx: AnyTransformation): Description => {
  const described = told(tx)
  if (described._tag === 'Left') throw described.left
  return described.right
}

const optionsFor = (tx: AnyTransformation): CheckpointOptions => ({ description: descriptionFor(tx) })

const tx = chain(clip(1), adam(0.1, { b1: 0.8, eps: 1e-300 }))
const run = { params, state: tx.init(params) }
const bytes = encode(run, optionsFor(tx))

/** A file with other metadata, as somebody else may write it. */
const withDescription = (text: string): Uint8Array => {
  const own = new TextDecoder().decode(encode({}, { description: { gradpipe: 1 } }).subarray(8)).trimEnd()
  const header = new TextEncoder().encode(
    own.replace(JSON.stringify('{"gradpipe":1}'), () => JSON.stringify(text)),
  )
  const file = new Uint8Array(8 + header.length)
  new DataView(file.buffer).setUint32(0, header.length, true)
  file.set(header, 8)
  return file
}

describe('a file', () => {
  test('gives back the description that it was written with, of which the same transformation is made', () => {
    expect(descriptionOf(bytes)).toEqual(E.right(descriptionFor(tx)))
    const read = E.flatMap(fromDescription)(descriptionOf(bytes))
    if (E.isLeft(read)) throw read.left
    expect(decode(bytes, { params, state: read.right.init(params) })).toEqual(E.right(run))
  })

  test('that says nothing says so, and is taken whatever is asked for', () => {
    const silent = encode(run)
    expect(descriptionOf(silent)).toEqual(E.right(undefined))
    expect(decode(silent, run, optionsFor(sgd(1)))).toEqual(E.right(run))
  })

  test('is the same but for what it says', () => {
    expect(decode(bytes)).toEqual(decode(encode(run)))
    expect(decode(bytes, run)).toEqual(E.right(run))
  })

  test('is taken for its own transformation, whatever the order of keys', () => {
    expect(decode(bytes, run, optionsFor(chain(clip(1), adam(0.1, { eps: 1e-300, b1: 0.8 }))))).toEqual(
      E.right(run),
    )
  })

  test.each<readonly [string, AnyTransformation, string]>([
    [
      'of another option',
      chain(clip(1), adam(0.1, { b1: 0.9, eps: 1e-300 })),
      '$.args[1].args[1].b1: expected 0.9, given 0.8',
    ],
    [
      'of one option less',
      chain(clip(1), adam(0.1, { b1: 0.8 })),
      '$.args[1].args[1].eps: expected nothing, given 1e-300',
    ],
    ['of another factory', sgd(0.1), '$.$call: expected "sgd", given "chain"'],
    [
      'of one member more',
      chain(clip(1), adam(0.1, { b1: 0.8, eps: 1e-300 }), clip(2)),
      '$.args[2]: expected {"$call":"clip","args":[2]}, given nothing',
    ],
  ])('is refused for one %s', (_, other, message) => {
    const refused = decode(bytes, run, optionsFor(other))
    expect(refused).toMatchObject({ left: { _tag: 'OtherTransformation' } })
    expect(E.isLeft(refused) && refused.left.message).toBe(
      `${message} in the file, which belongs to another transformation`,
    )
  })

  test('whose description is no JSON, or nested too deep, is a BadTree', () => {
    for (const text of ['{"gradpipe":1', '{"a":1,"a":2}', `${'['.repeat(5000)}${']'.repeat(5000)}`]) {
      expect(descriptionOf(withDescription(text))).toMatchObject({ left: { _tag: 'BadTree' } })
      expect(decode(withDescription(text), {}, optionsFor(tx))).toMatchObject({ left: { _tag: 'BadTree' } })
    }
    // nobody has asked what it says
    expect(decode(withDescription('{'), {})).toEqual(E.right({}))
  })

  test('that is none has no description', () => {
    expect(descriptionOf(new Uint8Array(3))).toMatchObject({ left: { _tag: 'Truncated' } })
  })
})

test('places write and check descriptions too', async () => {
  let kept: Uint8Array = new Uint8Array()
  const place = {
    save: async (artifacts: { readonly weightData?: unknown }) => {
      if (artifacts.weightData instanceof ArrayBuffer) kept = new Uint8Array(artifacts.weightData)
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } }
    },
    load: async () => ({ weightData: kept.slice().buffer }),
  }
  expect(await save(place, run, optionsFor(tx))()).toMatchObject({ _tag: 'Right' })
  expect(descriptionOf(kept)).toEqual(E.right(descriptionFor(tx)))
  expect(await load(place, run, optionsFor(tx))()).toEqual(E.right(run))
  expect(await load(place, run, optionsFor(sgd(1)))()).toMatchObject({
    left: { _tag: 'OtherTransformation' },
  })
})

test('what is no description is a mistake', () => {
  const either: unknown = told(tx)
  const wrong = { description: either as Description }
  const message = 'description: expected what describe has on its right'
  expect(() => encode(run, wrong)).toThrow(`encode.${message}`)
  expect(() => decode(bytes, run, wrong)).toThrow(`decode.${message}`)
  const other: object = { describes: 1 }
  expect(() => encode(run, other)).toThrow('encode.describes: expected one of description')
  const nothing: unknown = null
  expect(() => descriptionOf(nothing as Uint8Array)).toThrow('descriptionOf: expected a Uint8Array')
})
