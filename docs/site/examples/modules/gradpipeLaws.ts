/** `gradpipe/laws` for examples: with a backend for its tensors. */
import './tfjsCore.js'

export * from 'gradpipe/laws'
