/** Before each test file: properties are tried on the same cases every time, or on new ones where `LAWS_RUNS` asks. */
import fc from 'fast-check'
import { isLong } from './laws/runs.js'

fc.configureGlobal({ ...fc.readConfigureGlobal(), ...(!isLong && { seed: 20 }) })
