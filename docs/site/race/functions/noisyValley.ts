/** A winding valley whose gradient is noisy: the noise of a step is the same in every run, and for everyone. */
import { random } from 'gradpipe'

export const value = ({ x, y }: { readonly x: number; readonly y: number }): number =>
  x ** 2 / 10 + 3 * (y - Math.sin(x)) ** 2

export const gradient = (
  { x, y }: { readonly x: number; readonly y: number },
  step?: number,
): { x: number; y: number } => {
  const [x1 = 0, y1 = 0] = step === undefined ? [] : random.normal(random.foldIn(random.key(0), step), 2)
  const off = 6 * (y - Math.sin(x))
  return { x: x / 5 - off * Math.cos(x) + x1, y: off + y1 }
}
