/** The user's first process: trains, saves, and goes on. */
import { listen, makeModel, save, tell, train } from './model.js'

const fallbacks = listen()
const model = await makeModel()
await train(model, 5)
await save(model)
tell(model, await train(model, 5), fallbacks)
