/** What is no resuming: the model's weights, and an optimizer that begins anew. */
import { listen, loadModel, makeModel, tell, train } from './model.js'

const fallbacks = listen()
const model = await makeModel()
loadModel(model)
tell(model, await train(model, 5), fallbacks)
