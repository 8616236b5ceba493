/** What the numbers of a leaf are held in. */

/** The numbers of a leaf, row by row. */
export type Elements = Float32Array | Float64Array

/** A number for a scalar, an array for a value per element. */
export type NumberValue = number | Elements
