/** Rosenbrock's valley in ten dimensions: what line searches and quasi-Newton methods are tried on. */

/** A point far from the minimum, which is at one everywhere. */
export const far = (): Float64Array => Float64Array.from({ length: 10 }, (_, i) => (i % 2 ? 1 : -1.2))

/** $\sum 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2$ and its gradient. */
export const rosenbrock = (x: Float64Array): { readonly value: number; readonly grads: Float64Array } => {
  const grads = new Float64Array(x.length)
  let value = 0
  for (let i = 0; i + 1 < x.length; i++) {
    const at = x[i] as number
    const [along, off] = [1 - at, (x[i + 1] as number) - at * at]
    value += 100 * off * off + along * along
    grads[i] = (grads[i] as number) - 400 * off * at - 2 * along
    grads[i + 1] = (grads[i + 1] as number) + 200 * off
  }
  return { value, grads }
}
