/** Reads the code of a module back: the instructions of its functions, each with its opcode. */

/** An instruction: its opcode, and after the prefix 0xfd that of SIMD. */
export interface Instruction {
  readonly opcode: number
  readonly simd: number | null
}

interface Reader {
  readonly byte: () => number
  readonly skip: (bytes: number) => void
  readonly unsigned: () => number
  readonly at: () => number
}

const reader = (bytes: Uint8Array, start: number): Reader => {
  let at = start
  const byte = (): number => {
    const value = bytes[at++]
    if (value === undefined) throw new RangeError('the module ends early')
    return value
  }
  return {
    byte,
    skip: (count) => {
      at += count
    },
    // of signed numbers too, where only their length matters
    unsigned: () => {
      let value = 0
      for (let shift = 0; ; shift += 7) {
        const next = byte()
        value += (next & 0x7f) * 2 ** shift
        if (next < 0x80) return value
      }
    },
    at: () => at,
  }
}

/** Immediates of the instructions of SIMD: WebAssembly Core Specification 2.0, section 5.4.9. */
const skipSimd = ({ skip, unsigned }: Reader, opcode: number): void => {
  const memory = (): void => {
    unsigned()
    unsigned()
  }
  if (opcode <= 11 || opcode === 92 || opcode === 93) memory()
  else if (opcode === 12 || opcode === 13) skip(16)
  else if (opcode >= 21 && opcode <= 34) skip(1)
  else if (opcode >= 84 && opcode <= 91) {
    memory()
    skip(1)
  }
}

const skipPlain = ({ skip, unsigned }: Reader, opcode: number): void => {
  if (opcode >= 0x02 && opcode <= 0x04) skip(1)
  else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10) unsigned()
  else if (opcode >= 0x20 && opcode <= 0x24) unsigned()
  else if (opcode >= 0x28 && opcode <= 0x3e) {
    unsigned()
    unsigned()
  } else if (opcode === 0x41 || opcode === 0x42) unsigned()
  else if (opcode === 0x43) skip(4)
  else if (opcode === 0x44) skip(8)
}

/** All instructions of a module's functions. */
export const instructions = (bytes: Uint8Array): readonly Instruction[] => {
  const found: Instruction[] = []
  const module = reader(bytes, 8)
  while (module.at() < bytes.length) {
    const section = module.byte()
    const size = module.unsigned()
    const end = module.at() + size
    if (section === 10) {
      const functions = module.unsigned()
      for (let i = 0; i < functions; i++) {
        const length = module.unsigned()
        const last = module.at() + length
        const groups = module.unsigned()
        for (let group = 0; group < groups; group++) {
          module.unsigned()
          module.byte()
        }
        while (module.at() < last) {
          const opcode = module.byte()
          const simd = opcode === 0xfd ? module.unsigned() : null
          if (simd === null) skipPlain(module, opcode)
          else skipSimd(module, simd)
          found.push({ opcode, simd })
        }
      }
    }
    module.skip(end - module.at())
  }
  return found
}
