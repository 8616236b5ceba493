/** Rows of WebGPU, from a process of its own: a driver in software is found by the environment at its start. */
import { fileURLToPath } from 'node:url'
import { driverEnvironment } from '../webgpu/swiftshader.js'
import { ask } from './ask.js'
import type { Result } from './result.js'
import type { Plan } from './run.js'

/** What the process is told, as JSON. */
export type Question = Pick<Plan, 'rules' | 'rounds' | 'pace'> & { readonly only: string | undefined }

const script = fileURLToPath(new URL('./webgpuMain.ts', import.meta.url))

/** Results on WebGPU; none, and the reason is said, where there is no adapter. */
export const webgpu = async (question: Question, say: (line: string) => void): Promise<readonly Result[]> => {
  try {
    const args = [...process.execArgv, script]
    const text = await ask({ command: process.execPath, args, env: driverEnvironment() }, question)
    // Dawn writes warnings to the standard output, too; the last line is written by our own script
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as readonly Result[]
  } catch (error) {
    say(`without WebGPU: ${error instanceof Error ? error.message : error}`)
    return []
  }
}
