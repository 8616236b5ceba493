/** The ranges of options. */
import { GradpipeError } from '../error.js'

/** The ranges that there are, in words. */
type Range = 'at least 0' | 'greater than 0' | 'less than 0' | 'from 0 to 1' | 'a number'

const holds: Readonly<Record<Range, (x: number) => boolean>> = {
  'at least 0': (x: number) => x >= 0,
  'greater than 0': (x: number) => x > 0,
  'less than 0': (x: number) => x < 0,
  'from 0 to 1': (x: number) => x >= 0 && x <= 1,
  'a number': (x: number) => !Number.isNaN(x),
}

/** Throws `InvalidArgument` unless an option is in its range. */
export const checkRange = (path: string, range: Range, given: number): void => {
  if (typeof given === 'number' && holds[range](given)) return
  throw new GradpipeError('InvalidArgument', path, range, String(given))
}
