import { cpus } from 'node:os'

/** On the terminal, and as Markdown. */
export function printTables(results, { rounds, ms, connections, loadBefore }) {
  for (const [operation, contestants] of Object.entries(results)) {
    console.log(`\n${operation}`)
    console.table(Object.fromEntries(Object.entries(contestants).map(([name, one]) => [name, row(one, contestants)])))
  }
  console.log(`\n${markdown(results)}`)
  console.log(
    `\nMedians of ${rounds} rounds of ${ms} ms with ${connections} connections, in turns; Node ${process.versions.node}, ` +
      `${cpus().length} × ${cpus()[0].model}; load of the machine at the end ${loadBefore.toFixed(1)}.`,
  )
}

function row(one, { L2, L4 }) {
  return {
    'requests/s': Math.round(one.perSecond),
    'p50 ms': Number(one.p50.toFixed(2)),
    'p99 ms': Number(one.p99.toFixed(2)),
    'CPU µs': Math.round(one.microseconds),
    'memory MB': Math.round(one.megabytes),
    '× L2': Number((one.perSecond / L2.perSecond).toFixed(2)),
    'CPU × L2': Number((L2.microseconds / one.microseconds).toFixed(2)),
    ...(L4 && { '× L4': Number((one.perSecond / L4.perSecond).toFixed(2)) }),
    ...(L4 && { 'CPU × L4': Number((L4.microseconds / one.microseconds).toFixed(2)) }),
  }
}

function markdown(results) {
  const lines = [
    '| | | requests/s | p50 ms | p99 ms | CPU µs | memory MB |',
    '| --- | --- | --: | --: | --: | --: | --: |',
  ]
  for (const [operation, contestants] of Object.entries(results)) {
    for (const [name, one] of Object.entries(contestants)) {
      const figures = [Math.round(one.perSecond), one.p50.toFixed(2), one.p99.toFixed(2)]
      const cells = [operation, name, ...figures, Math.round(one.microseconds), Math.round(one.megabytes)]
      lines.push(`| ${cells.join(' | ')} |`)
    }
  }
  return lines.join('\n')
}
