import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

/** A new, empty database, cleanly shut down, as a gzipped tar archive: unpacking it is much faster than initdb. */
export async function newTemplate(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'baleen-template-'))
  try {
    await (await PGlite.create(folder)).close()
    return await archive(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** With `noInitDb` PGlite only mounts the files, so they are archived as the shutdown left them. */
async function archive(folder: string): Promise<Buffer> {
  const files = await PGlite.create(folder, { noInitDb: true })
  try {
    const tarball = await files.dumpDataDir('gzip')
    return Buffer.from(await tarball.arrayBuffer())
  } finally {
    await files.close()
  }
}
