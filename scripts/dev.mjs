import { generateClient } from './build/prisma-client.mjs'
import { runInTerminal } from './build/run.mjs'

await generateClient()
await runInTerminal('tsx/dist/cli.mjs', ['watch', 'src/server.ts', ...process.argv.slice(2)])
