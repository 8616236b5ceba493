/** The user's second process: loads, and goes on. */
import { listen, load, makeModel, tell, train } from './model.js'

const fallbacks = listen()
const model = await makeModel()
await load(model)
tell(model, await train(model, 5), fallbacks)
