/**
 * The order in which test files start: those that take longest first, so that at the end no core waits while another
 * has one of them left. Vitest knows how long files took from an earlier run alone, and begins with those of the most
 * lines in a fresh clone.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest, in this order; the table after a run tells which they are. */
const longest: readonly string[] = [
  'browser/webgl',
  'golden/webgpu',
  'package/types',
  'examples/examples',
  'golden/optax',
  'host/tfjs/webgpu/catalogue',
  'site/looksPage',
  'site/digitsPage',
  'laws/fused',
  'tfjs/training',
  'laws/universal',
  'golden/lossesWebgpu',
  'laws/catalogue',
  'mutation/mutation',
  'site/digitsWebglPage',
  'checkpoint/resume',
  'tfjs/saving',
].map((name) => `test/${name}.test.ts`)

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(relative(this.ctx.config.root, moduleId).replaceAll('\\', '/'))
      return at < 0 ? longest.length : at
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
