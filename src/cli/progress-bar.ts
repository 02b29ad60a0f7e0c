import { stderr } from 'node:process'

const width = 30

/** Shows how far something is, on a terminal; elsewhere nothing. */
export interface ProgressBar {
  show(done: number, total: number, text?: string): void
  /** Leaves the line to others. */
  end(): void
}

export function progressBar(): ProgressBar {
  let isShown = false
  return {
    show: (done, total, text = '') => {
      if (!stderr.isTTY || total === 0) return
      const filled = Math.floor((done / total) * width)
      const bar = '█'.repeat(filled).padEnd(width, '░')
      stderr.write(`\r\x1b[2K${bar} ${done} of ${total}${text === '' ? '' : `  ${text}`}`)
      isShown = true
    },
    end: () => {
      if (isShown) stderr.write('\n')
      isShown = false
    },
  }
}
