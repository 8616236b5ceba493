/** The choice of interpreter, and what happens where a fused one cannot take a step. */
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  adamw,
  dispose,
  type Fallback,
  fromRule,
  type GradientTransformation,
  GradpipeError,
  kernelStatistics,
  onFallback,
  type Params,
  scaleByMuon,
  step,
} from '../../../src/index.js'
import { withInterpreter } from '../../../src/tfjs/index.js'
import { backends, numbers, tensorsIn, useBackend } from '../../backends.js'

/** The numbers after a step, which leaves nothing behind. */
const stepped = (tx: GradientTransformation, donate = false): readonly (readonly number[])[] => {
  const { numTensors } = tf.memory()
  const params = { w: tf.tensor1d([1, -2, 3, 4, 5]), b: tf.scalar(2) }
  const grads = { w: tf.tensor1d([5, 4, 0, -1, 2]), b: tf.scalar(-1) }
  const state = tx.init(params)
  const result = step(tx, { donate })<Params>(params, state, grads)
  const found = tensorsIn(result).map(numbers)
  dispose(params, grads, state, result)
  expect(tf.memory().numTensors).toBe(numTensors)
  return found
}

/** What a call tells of fallbacks. */
const told = (run: () => void): readonly Fallback[] => {
  const all: Fallback[] = []
  const end = onFallback((fallback) => all.push(fallback))
  try {
    run()
  } finally {
    end()
  }
  return all
}

const launched = (run: () => void): number => {
  const { launches } = kernelStatistics()
  run()
  return kernelStatistics().launches - launches
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the interpreter of a step on tensors', () => {
  it('is chosen by the backend that is active at the step', async () => {
    for (const backend of ['wasm', 'cpu', 'wasm'] as const) {
      await useBackend(backend)
      const other = backend === 'cpu' ? 'wasm' : 'cpu'
      const w = tf.tensor1d([1])
      expect(launched(() => stepped(adamw(0.1)))).toBeGreaterThan(0)
      expect(launched(() => withInterpreter(backend, () => stepped(adamw(0.1))))).toBeGreaterThan(0)
      expect(() => withInterpreter(other, () => adamw(0.1).init(w))).toThrow(`the backend ${other}`)
      w.dispose()
    }
  })
})

describe.each(backends)('the interpreter of a step on tensors, on %s', (backend) => {
  beforeAll(() => useBackend(backend))

  it('can be forced, for as long as a function runs', () => {
    const tx = adamw(0.1)
    const fused = stepped(tx)
    withInterpreter('tensor', () => {
      expect(launched(() => expect(stepped(tx)).toEqual(fused))).toBe(0)
      withInterpreter(backend, () => expect(launched(() => stepped(tx))).toBeGreaterThan(0))
      expect(launched(() => stepped(tx))).toBe(0)
    })
    expect(launched(() => stepped(tx))).toBeGreaterThan(0)
  })

  it('is no longer forced after an error', () => {
    const fail = (): never => {
      throw new Error('of the function')
    }
    expect(() => withInterpreter('tensor', fail)).toThrow('of the function')
    expect(launched(() => stepped(adamw(0.1)))).toBeGreaterThan(0)
  })

  it('cannot be that of another backend', () => {
    const tx = adamw(0.1)
    const before = tf.memory().numTensors
    const w = tf.tensor1d([1])
    const state = tx.init(w)
    let error: unknown
    try {
      withInterpreter('webgpu', () => step(tx, { donate: true })(w, state, w))
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(GradpipeError)
    expect(error).toMatchObject({ _tag: 'InvalidArgument', given: backend })
    expect(w.isDisposed).toBe(false)
    dispose(w, state)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('of a forced one says nothing of a fallback', () => {
    const { fallbacks } = kernelStatistics()
    expect(told(() => withInterpreter('tensor', () => stepped(adamw(0.1))))).toEqual([])
    expect(kernelStatistics().fallbacks).toBe(fallbacks)
  })
})

/** A rule that no kernel was compiled for yet. */
const fresh = (() => {
  let next = 1
  return (): GradientTransformation => {
    const times = next++
    return fromRule({
      slots: {},
      scalars: {},
      step: ({ g, p }) => ({
        update: Array.from({ length: times }).reduce<typeof g>((x) => x.sub(p).abs(), g),
      }),
    })
  }
})()

const policy = (): never => {
  throw new WebAssembly.CompileError('the content security policy allows no WebAssembly')
}

/** Runs while the engine compiles nothing. */
const forbidden = <T>(run: () => T): T => {
  const { Module } = WebAssembly
  const refusing = new Proxy(Module, { construct: policy })
  Object.defineProperty(WebAssembly, 'Module', { value: refusing, configurable: true, writable: true })
  try {
    return run()
  } finally {
    Object.defineProperty(WebAssembly, 'Module', { value: Module, configurable: true, writable: true })
  }
}

describe('where nothing may be compiled', () => {
  beforeAll(() => useBackend('wasm'))

  it.each([false, true])('a step gives the same, and tells why and of which terms (donate: %s)', (donate) => {
    const tx = fresh()
    const { fallbacks, launches } = kernelStatistics()
    let result: ReturnType<typeof stepped> = []
    const reasons = told(() => {
      result = forbidden(() => stepped(tx, donate))
    })
    expect(reasons).toHaveLength(1)
    expect(reasons[0]?.interpreter).toBe('wasm')
    expect(reasons[0]?.reason).toContain('the content security policy allows no WebAssembly')
    expect(reasons[0]?.term).toMatch(/sub s\d s\d[\s\S]*abs/)
    expect(kernelStatistics()).toMatchObject({ fallbacks: fallbacks + 1, launches })
    expect(result).toEqual(withInterpreter('tensor', () => stepped(tx)))
    // the reference has the same rule on arrays
    const [p, g] = [Float32Array.of(1, -2, 3, 4, 5), Float32Array.of(5, 4, 0, -1, 2)]
    expect([...step(tx)(p, tx.init(p), g)[0]]).toEqual(result[0])
  })

  it('a kernel that was compiled before goes on', () => {
    const tx = fresh()
    stepped(tx)
    expect(told(() => forbidden(() => stepped(tx)))).toEqual([])
  })

  it('every step tells, until the listener is gone', () => {
    const tx = fresh()
    const listener = vi.fn()
    const end = onFallback(listener)
    forbidden(() => stepped(tx))
    forbidden(() => stepped(tx))
    expect(listener).toHaveBeenCalledTimes(2)
    end()
    end()
    forbidden(() => stepped(tx))
    expect(listener).toHaveBeenCalledTimes(2)
  })
})

describe('where nothing may be compiled, in a library that has not seen this backend yet', () => {
  beforeAll(() => useBackend('wasm'))

  it('matrices are made orthogonal by operations, and every step tells', async () => {
    const g = tf.tensor2d([3, 1, -2, 0.5, -1, 4, 2, 2], [2, 4])
    const made = (tx: GradientTransformation): readonly number[] => {
      const state = tx.init(g)
      const result = tx.update(g, state)
      const found = numbers(result[0])
      dispose(state, result)
      return found
    }
    const expected = made(scaleByMuon())
    vi.resetModules()
    const again = {
      ...(await import('../../../src/index.js')),
      ...(await import('../../../src/tfjs/index.js')),
    }
    const { numTensors } = tf.memory()
    const reasons: string[] = []
    const end = again.onFallback(({ reason }) => reasons.push(reason))
    try {
      for (const each of forbidden(() => [made(again.scaleByMuon()), made(again.scaleByMuon())])) {
        expect(each).toHaveLength(8)
        expect(each.every((x, i) => Math.abs(x - (expected[i] ?? Number.NaN)) < 1e-5)).toBe(true)
      }
    } finally {
      end()
      // the files after this one get a library that has not seen the backend so
      vi.resetModules()
    }
    expect(reasons.filter((reason) => reason.includes('allows no WebAssembly')).length).toBeGreaterThan(1)
    expect(tf.memory().numTensors).toBe(numTensors)
    g.dispose()
  })
})

/** Hides all exports of the module but the memory: TensorFlow.js's own operations do without. */
const withoutMemory = (backend: tf.KernelBackend): (() => void) => {
  const wasm: unknown = Reflect.get(backend, 'wasm')
  if (typeof wasm !== 'object' || wasm === null) throw new Error('no module')
  const asm: unknown = Reflect.get(wasm, 'asm')
  if (typeof asm !== 'object') throw new Error('no exports')
  Reflect.set(wasm, 'asm', { ...asm, memory: undefined })
  return () => Reflect.set(wasm, 'asm', asm)
}

/** Hides a method, which a kernel makes its outputs without. */
const withoutOutputs = (backend: tf.KernelBackend): (() => void) => {
  Reflect.set(backend, 'makeOutput', undefined)
  return () => Reflect.deleteProperty(backend, 'makeOutput')
}

const different = [
  ['wasm', withoutMemory, 'the WASM backend of TensorFlow.js does not look as expected'],
  ['cpu', withoutOutputs, 'the cpu backend of TensorFlow.js does not look as expected'],
] as const

describe.each(different)('where TensorFlow.js looks different inside, on %s', (backend, hide, why) => {
  beforeAll(() => useBackend(backend))

  it('a step gives the same, and tells why', async () => {
    const expected = stepped(adamw(0.1))
    // the library that has not seen this backend yet: what it finds of one, it remembers
    vi.resetModules()
    const again = {
      ...(await import('../../../src/index.js')),
      ...(await import('../../../src/tfjs/index.js')),
    }
    const show = hide(tf.backend())
    const all: Fallback[] = []
    const end = again.onFallback((fallback) => all.push(fallback))
    try {
      for (const donate of [false, true]) {
        const params = { w: tf.tensor1d([1, -2, 3, 4, 5]), b: tf.scalar(2) }
        const grads = { w: tf.tensor1d([5, 4, 0, -1, 2]), b: tf.scalar(-1) }
        const state = again.adamw(0.1).init(params)
        const result = again.step(again.adamw(0.1), { donate })<Params>(params, state, grads)
        expect(tensorsIn(result).map(numbers)).toEqual(expected)
        expect(params.w.isDisposed).toBe(donate)
        dispose(params, grads, state, result)
      }
    } finally {
      show()
      end()
      // the files after this one get a library that has not seen the backend so
      vi.resetModules()
    }
    expect(again.kernelStatistics().launches).toBe(0)
    // twice the first state, and the two steps
    expect(all).toHaveLength(4)
    for (const { interpreter, reason } of all) {
      expect(interpreter).toBe(backend)
      expect(reason).toBe(why)
    }
  })
})
