/**
 * Saves into TensorFlow.js's own database of a browser: read, listed and removed by TensorFlow.js.
 *
 * Its handler is not used to save: it says "saved" when the request is done, before the transaction is
 * committed. Chromium finds at the commit that the quota is exceeded, so that the old model would stay where the
 * new one was promised; where the request itself fails, the handler never answers. Here both records are put in
 * one transaction, and all is well when that is complete.
 */
import { saveResult } from './artifacts.js'
import type { Artifacts, SaveResult } from './handler.js'

// the names of TensorFlow.js, since its version 1
const database = 'tensorflowjs'
const models = 'models_store'
const infos = 'model_info_store'

const opened = (): Promise<IDBDatabase> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open(database)
    request.onupgradeneeded = () => {
      for (const name of [models, infos]) request.result.createObjectStore(name, { keyPath: 'modelPath' })
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Puts artifacts under a name; the old ones stay whole when it fails. */
export const putArtifacts = async (modelPath: string, modelArtifacts: Artifacts): Promise<SaveResult> => {
  const result = saveResult(modelArtifacts)
  const db = await opened()
  try {
    await new Promise<void>((resolve, reject) => {
      const transaction = db.transaction([models, infos], 'readwrite', { durability: 'strict' })
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      const { modelArtifactsInfo } = result
      transaction.objectStore(infos).put({ modelPath, modelArtifactsInfo })
      transaction.objectStore(models).put({ modelPath, modelArtifacts, modelArtifactsInfo })
    })
  } finally {
    db.close()
  }
  return result
}
