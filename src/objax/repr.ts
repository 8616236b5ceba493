/** Writes numbers, shapes, functions and instances as Objax does, in Python's way. */

/** Makes Node's `console.log` print the instances of a class as `String` does. */
export const printsItself = (Class: { readonly prototype: object }): void => {
  const value = function (this: object): string {
    return String(this)
  }
  Object.defineProperty(Class.prototype, Symbol.for('nodejs.util.inspect.custom'), { value })
}

/** `true` is `True`, and an exponent has two digits: `1e-06`. Whole numbers print without a point. */
export const reprNumber = (value: number | boolean): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const size = Math.abs(value)
  if (size === 0 || (size >= 1e-4 && size < 1e16)) return String(value)
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}

/** A shape as a Python tuple: `()`, `(3,)`, `(2, 3)`. */
export const reprShape = (shape: readonly number[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`

/** A function by its name; those of TensorFlow.js end in `__op`. */
export const reprFunction = (f: { readonly name: string }): string =>
  f.name.replace(/__op$/, '') || '<lambda>'

/**
 * The full name of an instance's class: the class's own `__qualname__`, or else its JavaScript name. The names of
 * variables contain it, and saved files contain those, so a minifier must not change it: every class here has a
 * `__qualname__`.
 */
export const className = (instance: object): string => {
  const Class = instance.constructor
  const own: unknown = Object.hasOwn(Class, '__qualname__') ? Reflect.get(Class, '__qualname__') : undefined
  return typeof own === 'string' ? own : Class.name
}

/** The class's name alone, as it stands in a variable's name: `Linear`. */
export const scopeName = (instance: object): string => className(instance).split('.').at(-1) ?? ''

/** `objax.nn.Linear(nin=2, nout=3)`: the arguments that made an instance. */
export const reprInstance = (instance: object, args: Readonly<Record<string, string>>): string =>
  `${className(instance)}(${Object.entries(args)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')})`
