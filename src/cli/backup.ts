import { resolve } from 'node:path'
import type { Command } from 'commander'
import { backUp } from '../backup/backup.ts'
import type { Manifest } from '../backup/manifest.ts'
import { checkBackup, restore } from '../backup/restore.ts'
import { readSoftware } from '../nodeinfo/software.ts'
import { progress, say, type Terminal } from './terminal.ts'

export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command('backup [file]')
    .description('write the database, the media and the secrets of this pod into one file; the pod may run meanwhile')
    .option('--json', 'as JSON', false)
    .action(async (given, { json }) => {
      const config = terminal.config()
      const file = resolve(given ?? `baleen-${new Date().toISOString().replace(/[:.]/g, '-')}.tar`)
      const shown = progress()
      const options = { config, version: readSoftware().version, onProgress: shown.show }
      const { rows, mediaFiles, bytes } = await terminal.withDatabase((db) => backUp(db, file, options))
      shown.end()
      if (json) say(JSON.stringify({ file, rows, media_files: mediaFiles, media_bytes: bytes }))
      else {
        say(`Wrote ${rows} rows and ${mediaFiles} files to ${file}.`)
        say('Who has this file can act as everybody here: keep it as safe as the pod itself.')
      }
    })

  program
    .command('restore <file>')
    .description('make an empty pod what it was when the file was written; no pod may run meanwhile')
    .option('--force', 'replace what is there already', false)
    .option('--check', 'only read the file to its end and check it', false)
    .option('--json', 'as JSON', false)
    .action(async (file, { force, check, json }) => {
      if (check) return tell(await checkBackup(file), json)
      const shown = progress()
      const done = await restore(file, { config: terminal.config(), force, onProgress: shown.show })
      shown.end()
      if (json) {
        const { rows, mediaFiles, mediaPutAside } = done
        return say(JSON.stringify({ rows, media_files: mediaFiles, media_put_aside: mediaPutAside ?? null }))
      }
      say(`Restored ${done.rows} rows and ${done.mediaFiles} files of ${done.manifest.createdAt}.`)
      if (done.mediaPutAside !== undefined) say(`The media that were here before are in ${done.mediaPutAside}.`)
      const { publicUrl } = terminal.config()
      if (done.manifest.publicUrl !== publicUrl) {
        say(`The backup is of ${done.manifest.publicUrl}, and PUBLIC_URL is ${publicUrl}: apps know the former.`)
      }
    })
}

function tell({ version, createdAt, publicUrl, tables }: Manifest, json: boolean): void {
  if (json) say(JSON.stringify({ version, created: createdAt, public_url: publicUrl, tables: tables.length }))
  else say(`A whole backup of ${publicUrl}, written by Baleen ${version} on ${createdAt}.`)
}
