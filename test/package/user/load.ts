/** The user's second process: loads, and goes on. */
import { listen, loadModel, loadOptimizer, makeModel, tell, train } from './model.js'

const fallbacks = listen()
const model = await makeModel()
loadModel(model)
await loadOptimizer(model)
tell(model, await train(model, 5), fallbacks)
