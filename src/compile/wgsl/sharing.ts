/** How a kernel's elements are shared out among threads. */
import type { Width } from './functions.js'

/** The threads of one kind of kernel. */
export interface Threads {
  /** Threads of a workgroup: a square number, at most 256, which every device has. */
  readonly threads: number
  /** How often a thread goes through its loop before another workgroup is worth its start. */
  readonly turns: number
  /** The most workgroups. */
  readonly groups: number
}

/** The threads of all kernels on a device. */
export interface Sharing {
  readonly computing: Threads
  readonly reducing: Threads
}

/** On a graphics processor: as many threads as there is work for. */
const wide: Sharing = {
  computing: { threads: 256, turns: 4, groups: 65_535 },
  reducing: { threads: 256, turns: 16, groups: 512 },
}

/** On a few cores a thread costs more than a turn, and one that waits for others still more. */
const narrow: Sharing = {
  computing: { threads: 64, turns: 64, groups: 64 },
  reducing: { threads: 16, turns: 64, groups: 16 },
}

/** What suits a device, within the workgroups that it allows. */
export const sharingOf = ({ adapterInfo, limits }: GPUDevice): Sharing => {
  // what an older browser does not tell is a graphics processor
  const { computing, reducing } = adapterInfo?.isFallbackAdapter === true ? narrow : wide
  const within = (threads: Threads): Threads => ({
    ...threads,
    groups: Math.min(threads.groups, limits.maxComputeWorkgroupsPerDimension),
  })
  return { computing: within(computing), reducing: within(reducing) }
}

/** How many workgroups take some elements. */
export const groupsFor = ({ threads, turns, groups }: Threads, elements: number, width: Width): number =>
  Math.min(Math.ceil(elements / (threads * turns * width)), groups)
