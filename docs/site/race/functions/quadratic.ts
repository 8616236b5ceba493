/** A bowl that is twenty times as steep along y as along x. */

export const value = ({ x, y }: { readonly x: number; readonly y: number }): number =>
  x ** 2 / 2 + 10 * y ** 2

export const gradient = ({ x, y }: { readonly x: number; readonly y: number }): { x: number; y: number } => ({
  x,
  y: 20 * y,
})
