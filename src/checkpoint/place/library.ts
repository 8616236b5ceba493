/** The handlers of TensorFlow.js, if it is loaded. */
import { isBrought, type Library, tfjs } from '../../host/tfjs/library.js'
import { unsupported } from './placeError.js'

/** All of its input and output. Throws if it is not loaded. */
export const handlersFor = (place: string): Library['io'] => {
  if (isBrought()) return tfjs.io
  throw unsupported(place, `TensorFlow.js saves and loads there: import 'gradpipe/tfjs'`)
}
