/** `objax.util`: the part of it that makes sense in TypeScript. */

export { type RenameRules, Renamer } from './renamer.js'
