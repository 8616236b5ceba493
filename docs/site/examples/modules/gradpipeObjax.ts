/** `gradpipe/objax` for examples: with a backend for its tensors. */
import './tfjsCore.js'

export * from 'gradpipe/objax'
