/** How much memory the logs of so many addresses take, in a process that does nothing else. Prints bytes. */
import { SlidingLogs } from '../../dist/access/rate-limits/sliding-logs.js'

const [addresses, requests] = process.argv.slice(2).map(Number)
const rate = { limit: 1000, windowSeconds: 3600 }
let now = 0
const logs = new SlidingLogs({ clock: () => now })
logs.consume('warm-up', rate)
globalThis.gc()
const before = process.memoryUsage().rss
for (let request = 0; request < requests; request += 1) {
  // A window has 256 times to keep apart.
  now += 60_000
  for (let address = 0; address < addresses; address += 1) {
    logs.consume(`anonymous-wildcard from 10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`, rate)
  }
}
globalThis.gc()
console.log(process.memoryUsage().rss - before)
