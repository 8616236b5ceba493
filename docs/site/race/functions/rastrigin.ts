/** Rastrigin's function: a bowl full of dents, in each of which one may be caught. */

export const value = ({ x, y }: { readonly x: number; readonly y: number }): number =>
  20 + x ** 2 - 10 * Math.cos(2 * Math.PI * x) + y ** 2 - 10 * Math.cos(2 * Math.PI * y)

export const gradient = ({ x, y }: { readonly x: number; readonly y: number }): { x: number; y: number } => ({
  x: 2 * x + 20 * Math.PI * Math.sin(2 * Math.PI * x),
  y: 2 * y + 20 * Math.PI * Math.sin(2 * Math.PI * y),
})
