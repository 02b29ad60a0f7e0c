import { giveUpImport, importUpload } from './api/uploads/import/import-upload.ts'
import type { JobHandlers } from './jobs/job-queue.ts'
import type { Services } from './services.ts'

type Needed = Pick<Services, 'db' | 'media' | 'audio' | 'pictures' | 'settings'>

/** What a pod does in the background. */
export function jobHandlers(services: Needed): JobHandlers {
  return {
    'import-upload': {
      run: ({ uploadId }) => importUpload(services, uploadId),
      giveUp: ({ uploadId }) => giveUpImport(services.db, uploadId),
    },
  }
}
