#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { BackupError } from './backup/archive.ts'
import { addBackupCommands } from './cli/backup.ts'
import { addClientCommands } from './cli/clients.ts'
import { addDemoDataCommand } from './cli/demo-data/demo-data.ts'
import { addDoctorCommand } from './cli/doctor/doctor.ts'
import { addImportCommand } from './cli/import.ts'
import { addInvitationCommands } from './cli/invitations.ts'
import { addMigrateCommand } from './cli/migrate.ts'
import { addRateLimitCommands } from './cli/rate-limits.ts'
import { addSettingCommands } from './cli/settings.ts'
import type { Terminal } from './cli/terminal.ts'
import { addTokenCommands } from './cli/tokens.ts'
import { addUserCommands } from './cli/users.ts'
import { ConfigError, readConfig } from './config.ts'
import { DataDirInUse, DataDirNotWritable } from './db/embedded/data-dir-lock.ts'
import { EmbeddedDatabaseError } from './db/embedded/embedded-database.ts'
import { MigrationError } from './db/migrations.ts'
import { openSharedStore } from './db/store.ts'
import { Problem } from './lib/problem.ts'

const terminal: Terminal = {
  env: process.env,
  config: () => readConfig(process.env),
  async withDatabase(work) {
    const store = await openSharedStore(readConfig(process.env), { purpose: 'pod command' })
    try {
      return await work(store.db)
    } finally {
      await store.close()
    }
  },
}

const program = new Command('pod').description('Administer this pod. Works whether or not the pod is running.')
addUserCommands(program, terminal)
addInvitationCommands(program, terminal)
addSettingCommands(program, terminal)
addRateLimitCommands(program, terminal)
addImportCommand(program, terminal)
addDemoDataCommand(program, terminal)

addClientCommands(program, terminal)
addTokenCommands(program, terminal)
addBackupCommands(program, terminal)
addMigrateCommand(program, terminal)
addDoctorCommand(program, terminal)

function explain(error: unknown): string {
  if (error instanceof Problem && error.kind === 'not_found')
    return `There is no such ${error.cause === 'no client' ? 'app' : 'account'}.`
  if (error instanceof Problem) return messagesOf(error).join('\n')
  const known = [ConfigError, DataDirInUse, DataDirNotWritable, EmbeddedDatabaseError, MigrationError, BackupError]
  if (known.some((kind) => error instanceof kind)) return (error as Error).message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** What is wrong with which field, where that is known. */
function messagesOf({ message, fields }: Problem): string[] {
  const messages = Object.values(fields ?? {}).flatMap((field) => (Array.isArray(field) ? field : []))
  return messages.length > 0 ? messages : [message]
}

if (existsSync('.env')) process.loadEnvFile('.env')
program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`)
  process.exitCode = 1
})
