/** Handlers, which save and load bytes: those of TensorFlow.js are such, and anything that is like them. */

/**
 * What a handler saves and loads: bytes as the weights of a model without layers. `tf.io.ModelArtifacts` is one.
 *
 * @category Places
 */
export interface Artifacts {
  /** Something, since handlers ask for it. */
  readonly modelTopology?: object | ArrayBuffer
  /** `safetensors`. */
  readonly format?: string
  /** `gradpipe`. */
  readonly generatedBy?: string
  /** Nothing. */
  readonly convertedBy?: string | null
  /** None: the file says itself what is in it. */
  readonly weightSpecs?: object[]
  /** The bytes of the file, perhaps in pieces. */
  readonly weightData?: ArrayBuffer | ArrayBuffer[]
  /** The same as a stream. */
  readonly getWeightStream?: () => ReadableStream<ArrayBuffer>
}

/**
 * What is said of a save that went well: what TensorFlow.js says of a model.
 *
 * @category Places
 */
export interface SaveResult {
  /** When, and how many bytes. */
  readonly modelArtifactsInfo: {
    /** When. */
    readonly dateSaved: Date
    /** Always `JSON` here. */
    readonly modelTopologyType: 'JSON' | 'GraphDef'
    /** What a model without layers takes. */
    readonly modelTopologyBytes?: number
    /** What a list of no weights takes. */
    readonly weightSpecsBytes?: number
    /** How long the file is. */
    readonly weightDataBytes?: number
  }
  /** A server's answers. */
  readonly responses?: Response[]
  /** What went wrong on the way. */
  readonly errors?: (object | string)[]
}

/**
 * What saves and loads in a way of its own. `tf.io.IOHandler` is one.
 *
 * @category Places
 */
export interface Handler {
  /** Saves. */
  save?(artifacts: Artifacts): Promise<SaveResult>
  /** Loads. */
  load?(): Promise<Artifacts>
}
