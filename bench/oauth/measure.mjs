import { readFileSync } from 'node:fs'
import { Connection } from './connection.mjs'

/**
 * Repeats an operation over several connections for a while.
 * @param operation is given a connection and what `prepare` made for it; one call is one operation
 */
export async function measure(server, { prepare, operation }, { connections, ms, most = Number.POSITIVE_INFINITY }) {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(server.port)))
  const states = []
  for (const connection of open) states.push((await prepare?.(connection)) ?? {})
  const times = []
  const cpu = cpuMicrosecondsOf(server.pid)
  const since = performance.now()
  await Promise.all(
    open.map(async (connection, index) => {
      for (let now = performance.now(); now - since < ms && times.length < most; ) {
        await operation(connection, states[index])
        const end = performance.now()
        times.push(end - now)
        now = end
      }
    }),
  )
  const elapsed = performance.now() - since
  const used = cpuMicrosecondsOf(server.pid) - cpu
  for (const connection of open) connection.close()
  times.sort((a, b) => a - b)
  return {
    perSecond: (times.length / elapsed) * 1000,
    p50: at(times, 0.5),
    p99: at(times, 0.99),
    microseconds: used / times.length,
    megabytes: residentMegabytes(server.pid),
  }
}

function at(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

/** Of all threads of the process, in user and kernel mode. */
function cpuMicrosecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return (ticks / 100) * 1e6
}

function residentMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}
