// package.json says `exec`: the shell between npm and the pod would not pass a SIGTERM on.
import { bringUpToDate } from './build/build.mjs'

await bringUpToDate()
await import('../dist/server.js')
