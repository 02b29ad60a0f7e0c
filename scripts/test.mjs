import { generateClient } from './build/prisma-client.mjs'
import { runInTerminal } from './build/run.mjs'

await generateClient()
await runInTerminal('vitest/vitest.mjs', ['run', ...process.argv.slice(2)])
