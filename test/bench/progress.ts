/** Shows on the standard error how far the bench is, and how long it will still take. */
import { MultiBar, Presets } from 'cli-progress'

/** What a part of the bench tells while it runs. */
export interface Report {
  readonly say: (line: string) => void
  /** So many of the milliseconds that were expected are over, however long they have taken. */
  readonly done: (ms: number) => void
}

/** Milliseconds in words: `45 s`, `3 min 20 s`. */
export const inWords = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** What is left: as much slower or faster than expected as what is over. Milliseconds, all of them. */
export const remaining = (total: number, done: number, elapsed: number): number =>
  done <= 0 ? total : (Math.max(0, total - done) * elapsed) / done

/** Milliseconds between two lines where a bar cannot be drawn. */
const patience = 15_000

/** The progress of a run. */
export interface Progress extends Report {
  /** A part begins. */
  readonly begin: (name: string) => void
  readonly stop: () => void
}

/** Starts: a bar in a terminal, a line now and then elsewhere. */
export const progress = (total: number): Progress => {
  const start = performance.now()
  let [over, part, told] = [0, '', start]
  const left = (): string => `${inWords(remaining(total, over, performance.now() - start))} left`
  if (!process.stderr.isTTY) {
    const say = (line: string): void => console.error(line)
    return {
      say,
      done: (ms) => {
        over += ms
        if (performance.now() - told < patience) return
        told = performance.now()
        say(`${Math.min(100, Math.round((100 * over) / total))} %, ${part}, ${left()}`)
      },
      begin: (name) => {
        part = name
      },
      stop: () => {},
    }
  }
  const bars = new MultiBar(
    { format: '{bar} {percentage} %  {part}  {left}', forceRedraw: true },
    Presets.shades_classic,
  )
  const bar = bars.create(total, 0, { part, left: left() })
  const draw = (): void => bar.update(Math.min(total, over), { part, left: left() })
  return {
    say: (line) => bars.log(`${line}\n`),
    done: (ms) => {
      over += ms
      draw()
    },
    begin: (name) => {
      part = name
      draw()
    },
    stop: () => bars.stop(),
  }
}
