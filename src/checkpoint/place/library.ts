/** The handlers of TensorFlow.js, where it is there. */
import { isBrought, type Library, tfjs } from '../../host/tfjs/library.js'
import { unsupported } from './placeError.js'

/** All of its input and output. Throws where it is not there. */
export const handlersFor = (place: string): Library['io'] => {
  if (isBrought()) return tfjs.io
  throw unsupported(place, `TensorFlow.js saves and loads there: import 'gradpipe/tfjs'`)
}
