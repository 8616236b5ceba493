/** The bits of 2/π by which a sine brings its argument to less than a quarter of a turn, in languages of 32 bits. */

/** 26 zeros, and the first 230 bits of 2/π. */
export const twoOverPi: readonly string[] = [
  '0x00000028',
  '0xbe60db93',
  '0x91054a7f',
  '0x09d5f47d',
  '0x4d377036',
  '0xd8a5664f',
  '0x10e4107f',
  '0x9458eaf7',
]
