/** `objax.util`: the part of it that makes sense here. */

export { type RenameRules, Renamer } from './renamer.js'
