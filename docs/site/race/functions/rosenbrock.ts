/** Rosenbrock's valley: curved, and nearly flat along its floor. */

export const value = ({ x, y }: { readonly x: number; readonly y: number }): number =>
  (1 - x) ** 2 + 100 * (y - x ** 2) ** 2

export const gradient = ({ x, y }: { readonly x: number; readonly y: number }): { x: number; y: number } => ({
  x: -2 * (1 - x) - 400 * x * (y - x ** 2),
  y: 200 * (y - x ** 2),
})
