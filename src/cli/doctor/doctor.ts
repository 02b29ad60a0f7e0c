import type { Command } from 'commander'
import { type Config, ConfigError } from '../../config.ts'
import { say, type Terminal } from '../terminal.ts'
import { checkDatabase } from './database-checks.ts'
import { type Finding, ok, problem } from './finding.ts'
import { checkMail, checkPublicUrl } from './network-checks.ts'
import {
  checkDataDir,
  checkDisk,
  checkEnvFile,
  checkFfmpeg,
  checkNode,
  checkPasswordHashing,
  checkUser,
} from './system-checks.ts'

export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('look at everything the pod needs and say what to mend; the exit status is 1 if anything is broken')
    .option('--json', 'as JSON', false)
    .action(async ({ json }) => {
      const findings = await examine(terminal)
      if (findings.some(({ status }) => status === 'problem')) process.exitCode = 1
      if (json) say(JSON.stringify(findings, null, 2))
      else for (const finding of findings) say(describe(finding))
    })
}

async function examine(terminal: Terminal): Promise<Finding[]> {
  const about = [checkNode(), checkUser()]
  const envFile = await checkEnvFile()
  if (envFile !== undefined) about.push(envFile)
  let config: Config
  try {
    config = terminal.config()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [...about, ...error.message.split('\n').slice(1).map(badVariable)]
  }
  const findings = [
    checkDataDir(config),
    checkDisk(config),
    checkDatabase(config),
    checkMail(config),
    checkPublicUrl(config),
    checkFfmpeg(config),
  ]
  const found = [...about, ok('configuration', 'all variables are right'), ...(await Promise.all(findings)).flat()]
  // By itself, as it is about time.
  return [...found, await checkPasswordHashing()]
}

function badVariable(line: string): Finding {
  return problem(
    'configuration',
    line.trim(),
    'Set it in the environment or in .env; .env.example says what it is for.',
  )
}

const signs = { ok: '✓', warning: '!', problem: '✗' } as const

function describe({ check, status, says, fix }: Finding): string {
  const line = `${signs[status]} ${check}: ${says}`
  return fix === undefined ? line : `${line}\n    ${fix}`
}
