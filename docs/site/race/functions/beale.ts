/** Beale's function: a plateau with cliffs at its corners, and a narrow floor. */

export const value = ({ x, y }: { readonly x: number; readonly y: number }): number =>
  (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2

export const gradient = ({ x, y }: { readonly x: number; readonly y: number }): { x: number; y: number } => {
  const [a, b, c] = [1.5 - x + x * y, 2.25 - x + x * y ** 2, 2.625 - x + x * y ** 3] as const
  return {
    x: 2 * (a * (y - 1) + b * (y ** 2 - 1) + c * (y ** 3 - 1)),
    y: 2 * x * (a + 2 * b * y + 3 * c * y ** 2),
  }
}
