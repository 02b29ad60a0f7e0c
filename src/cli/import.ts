import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { findLibrary } from '../api/libraries/libraries.ts'
import { listAudioFiles } from '../api/uploads/import/folder-files.ts'
import { type FolderResult, importFolder } from '../api/uploads/import/import-folder.ts'
import type { Config } from '../config.ts'
import type { DatabaseClient } from '../db/database.ts'
import { jobHandlers } from '../job-handlers.ts'
import { createJobQueue } from '../jobs/job-queue.ts'
import { Problem } from '../lib/problem.ts'
import { createAudioReader } from '../media/audio/audio-reader.ts'
import { mediaFiles } from '../media/media-files.ts'
import { pictureFiles } from '../media/picture-files.ts'
import { loadSettings } from '../settings/settings.ts'
import { progressBar } from './progress-bar.ts'
import { say, type Terminal } from './terminal.ts'

/** Some files could not be imported. */
const someFailed = 2

export function addImportCommand(program: Command, terminal: Terminal): void {
  program
    .command('import <path>')
    .description('import a folder of music into a library; what is there already is passed over')
    .requiredOption('--library <uuid>', 'where to; quotas do not count here')
    .option('--json', 'tell what became of it as JSON', false)
    .action(async (path: string, { library, json }: { library: string; json: boolean }) => {
      const config = terminal.config()
      await terminal.withDatabase(async (db) => {
        const result = await run({ db, config }, { path: resolve(path), library })
        say(json ? JSON.stringify(result, null, 2) : describe(result))
        if (result.failed.length > 0) process.exitCode = someFailed
      })
    })
}

interface Source {
  path: string
  library: string
}

async function run(
  pod: { db: DatabaseClient; config: Config },
  { path, library: uuid }: Source,
): Promise<FolderResult> {
  const library = await findLibrary(pod.db, uuid).catch(() => {
    throw new Problem('invalid', 'There is no library with this uuid.')
  })
  if ((await stat(path).catch(() => undefined)) === undefined) throw new Problem('invalid', `There is no ${path}.`)
  const files = await listAudioFiles(path)
  const bar = progressBar()
  try {
    return await withWorkers(pod, (workers) =>
      importFolder(workers, { library, files }, ({ total, read, done }) =>
        bar.show(done, total, read < total ? `${read} read` : ''),
      ),
    )
  } finally {
    bar.end()
  }
}

/** Does jobs beside the pod, if one is running. */
export async function withWorkers<Result>(
  { db, config }: { db: DatabaseClient; config: Config },
  work: (services: Parameters<typeof importFolder>[0]) => Promise<Result>,
): Promise<Result> {
  const settings = await loadSettings(db, {})
  const [media, pictures] = [mediaFiles(config.dataDir), pictureFiles(config.dataDir)]
  const [audio, jobs] = [createAudioReader(), createJobQueue(db)]
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
  jobs.start(jobHandlers({ db, media, audio, pictures, settings }), quiet)
  try {
    return await work({ db, jobs, media })
  } finally {
    await jobs.stop()
    settings.stop()
    await audio.close()
    await media.close()
  }
}

function describe({ imported, present, duplicates, failed }: FolderResult): string {
  const lines = [`Imported ${imported}; ${present} were there already, ${duplicates} are other copies of known tracks.`]
  if (failed.length > 0) lines.push(`${failed.length} failed:`)
  return [...lines, ...failed.map(({ file, reason }) => `  ${file}: ${reason}`)].join('\n')
}
