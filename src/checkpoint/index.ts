/** gradpipe/checkpoint: state trees as bytes, and back. */
export {}
