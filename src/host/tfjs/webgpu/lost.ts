/** Devices that were lost: a browser takes one away when its driver fails or the page hides for long. */
import { GradpipeError } from '../../../error.js'

const watched = new WeakMap<GPUDevice, { reason: string | null }>()

/** Throws `DeviceLost` for a device that is gone, before anything is given to it. */
export const expectAlive = (device: GPUDevice): void => {
  const before = watched.get(device)
  if (before !== undefined) {
    if (before.reason === null) return
    throw new GradpipeError(
      'DeviceLost',
      'webgpu',
      'a device that is there',
      `one that was lost: ${before.reason}`,
    )
  }
  const state: { reason: string | null } = { reason: null }
  watched.set(device, state)
  void device.lost.then(({ reason, message }) => {
    state.reason = message === '' ? String(reason) : message
  })
}
