import { bringUpToDate } from './build/build.mjs'

await bringUpToDate()
await import('../dist/cli.js')
