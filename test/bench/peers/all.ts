/** The peers on tensors of TensorFlow.js, in the order of the tables. */
import type { Peer } from '../peer.js'
import { donated, pure, unfused } from './gradpipe.js'
import { ops } from './ops.js'
import { asOptimizer, train } from './variables.js'

/** On every backend. The first is what others are compared with. */
export const tfjsPeers: readonly Peer[] = [donated, pure, unfused, asOptimizer, ops, train]

/** Those that are worth their time where an operation of TensorFlow.js takes milliseconds. */
export const cpuPeers: readonly Peer[] = [donated, pure, asOptimizer, train]
