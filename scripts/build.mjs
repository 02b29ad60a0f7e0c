import { bringUpToDate } from './build/build.mjs'

const wasBuilt = await bringUpToDate()
if (!wasBuilt) process.stderr.write('Nothing to build: dist/ is up to date.\n')
