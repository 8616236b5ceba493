/**
 * The bytes of a checkpoint as TensorFlow.js's handlers take and give them: as the weights of a model without
 * layers. No handler looks into them, so what lies in a place is the safetensors file itself.
 */
import type { Artifacts, SaveResult } from './handler.js'

/**
 * The bytes as artifacts. The topology is there since handlers ask for one to load; the list of weights is empty
 * since the file says itself what is in it.
 */
export const toArtifacts = (bytes: Uint8Array): Artifacts & { readonly weightData: ArrayBuffer } => ({
  modelTopology: {},
  format: 'safetensors',
  generatedBy: 'gradpipe',
  convertedBy: null,
  weightSpecs: [],
  weightData: bufferOf(bytes),
})

/** A buffer that has the bytes and no others. */
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer =>
  buffer instanceof ArrayBuffer && byteLength === buffer.byteLength
    ? buffer
    : new Uint8Array(buffer, byteOffset, byteLength).slice().buffer

/** What a save gives back: in the words of TensorFlow.js. */
export const saveResult = (
  { weightData = [] }: Pick<Artifacts, 'weightData'>,
  responses?: readonly Response[],
): SaveResult => ({
  modelArtifactsInfo: {
    dateSaved: new Date(),
    modelTopologyType: 'JSON',
    // of an empty record, and of an empty list
    modelTopologyBytes: 2,
    weightSpecsBytes: 2,
    weightDataBytes: [weightData].flat().reduce((sum, { byteLength }) => sum + byteLength, 0),
  },
  ...(responses && { responses: [...responses] }),
})

/** A handler of plain JavaScript may give views, where the types say buffers: of those, what they show. */
const shownBy = (chunk: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(chunk)
    ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    : new Uint8Array(chunk)

const joined = (chunks: readonly Uint8Array[]): Uint8Array => {
  const [first] = chunks
  if (first !== undefined && chunks.length === 1) return first
  const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

const streamed = async (stream: ReadableStream<ArrayBuffer>): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read())
    chunks.push(shownBy(next.value))
  return joined(chunks)
}

/** The bytes in artifacts, which may have come in pieces; none, where there are no weights. */
export const fromArtifacts = async ({ weightData = [], getWeightStream }: Artifacts): Promise<Uint8Array> => {
  const chunks = Array.isArray(weightData) ? weightData : [weightData]
  return chunks.length === 0 && getWeightStream !== undefined
    ? streamed(getWeightStream())
    : joined(chunks.map(shownBy))
}
