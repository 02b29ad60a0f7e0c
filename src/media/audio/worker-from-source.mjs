// Starts worker.ts where nothing was built: in tests and development. A thread does not take over a loader.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
