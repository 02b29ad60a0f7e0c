import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { listeningApp } from '../support/app.ts'
import { emptyDatabase, testDatabaseLocation } from '../support/database.ts'
import { aClient, aUser, password } from '../support/factories.ts'
import { commandsIn, hasPrograms, programsIn, walkThrough } from '../support/walk-through.ts'

/** Blocks and lines that are not typed here, and what shows that they work. All others are run. */
const shownElsewhere: Record<string, string> = {
  'npm ci && npm start': 'scripts/newcomer.mjs',
  'npm ci && npm test': '.ci/run',
  'npm ci\nnpm run dev     # a pod that reloads, at http://127.0.0.1:5000\nnpm run check   # all that CI runs; green before every commit':
    '.ci/run',
  'npm run pod -- demo-data': 'test/cli/demo-data.test.ts',
  'npm run pod -- import ~/Music --library <uuid>': 'test/cli/import.test.ts',
  // Wants a pod without accounts.
  'npm run pod -- restore baleen.tar': 'test/backup/backup.test.ts',
  // These need root, systemd or Docker: the files they are about are checked.
  'useradd --system --home-dir /opt/baleen --shell /usr/sbin/nologin baleen': 'test/packaging/packaging.test.ts',
  'cp /opt/baleen/deploy/systemd/baleen.service /etc/systemd/system/': 'test/packaging/packaging.test.ts',
  'systemctl enable --now baleen': 'test/packaging/packaging.test.ts',
  'cd /opt/baleen\nsudo -u baleen env DATA_DIR=/var/lib/baleen node --env-file=/etc/baleen.env dist/cli.js users list':
    'test/packaging/packaging.test.ts',
  'docker compose up --detach': 'scripts/test-packaging.mjs',
  'docker compose exec pod node dist/cli.js users create --username alice --email alice@example.org':
    'scripts/test-packaging.mjs',
  'node examples/command-line.mjs http://127.0.0.1:5000': 'test/examples/examples.test.ts',
}

const chapters = readdirSync('docs', { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith('.md'))
const documents = ['README.md', 'CONTRIBUTING.md', ...chapters.map((name) => `docs/${name}`)]
const lineOf = (line: string) => line.replace(/\s+#.*$/, '')
const run = (document: string) =>
  commandsIn(document)
    .filter((block) => !(block in shownElsewhere))
    .flatMap((block) => block.split('\n').filter((line) => !(lineOf(line) in shownElsewhere)))
const withCommands = documents.filter((document) => run(document).length > 0)

const location = await testDatabaseLocation()
let pod: Awaited<ReturnType<typeof listeningApp>>
let folder: string

beforeAll(async () => {
  pod = await listeningApp()
  folder = mkdtempSync(join(tmpdir(), 'baleen-documents-'))
})
afterAll(async () => {
  await pod.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => emptyDatabase(pod.db))

/** What is said to do in the browser; gives the code that the page shows. */
async function allow(url: string): Promise<string> {
  const path = url.slice(pod.url.length)
  const browser = pod.browser()
  const login = await browser.get(path)
  const consent = await browser.submit(login, '/login', { username: 'alice', password })
  const shown = await browser.submit(consent, path.split('?')[0] ?? '', { decision: 'allow' })
  return shown.html.querySelector('code')?.textContent ?? ''
}

/** What answers have to hold, beside that no command fails. */
const answers: Record<string, RegExp[]> = {
  'README.md': [
    /"client_secret":"bls_/,
    /"access_token":"bla_/,
    /"username":"alice"/,
    /"active":true/,
    /"code":"invalid_token".*"issuer":"http/s,
    /Created the superuser bob/,
  ],
  'docs/command-line.md': [
    /^.*"client_secret":"bls_/,
    /"token_type":"Bearer".*"scope":"read write"/,
    /"username":"alice".*"source":.*\}\[\]\{"id":.*"email":"alice@example.org".*\}\{\}\{"error":[^\n]*\s*$/,
  ],
  'docs/get-started.md': [/Created the account alice/, /"username":"carol"/],
  'docs/apps.md': [/"token_endpoint":"http/, /"client_name":"Tempo"/],
  'docs/rate-limits.md': [/oauth-token .*1000\/hour/],
  'docs/admin.md': [/users__registration_enabled/],
  'docs/operations.md': [/✓ database.*A whole backup of http.*Deleted 0 unused apps\..*Revoked 0 tokens of alice/s],
}

// The commands are other processes, which cannot reach the embedded database of this one.
test.runIf(hasPrograms && 'url' in location).each(withCommands)(
  'the commands of %s work as printed',
  async (document) => {
    const script = run(document).join('\n')
    if (!script.includes('users create --username alice')) await aUser(pod.db, { username: 'alice' })
    const { client, applicationToken } = await aClient(pod.db, {
      ownerId: (await aUser(pod.db, { username: 'carol' })).id,
    })
    const printed = await walkThrough({
      script: script
        .replaceAll('http://127.0.0.1:5000', pod.url)
        .replaceAll('--client CLIENT_ID', `--client ${client.clientId}`),
      cwd: folder,
      env: {
        PATH: programsIn(join(folder, 'bin')),
        DATABASE_URL: 'url' in location ? location.url : '',
        DATA_DIR: folder,
        PUBLIC_URL: pod.url,
        BALEEN_PASSWORD: password,
        // Else bash takes the pipe for a network connection, and reads start-up files.
        SHLVL: '2',
      },
      ...(document === 'docs/get-started.md' && { typed: `${applicationToken}\n` }),
      allow,
    })
    for (const answer of answers[document] ?? []) expect(printed).toMatch(answer)
  },
  180_000,
)

test('what is said to be shown elsewhere is in a document, and elsewhere is a file', () => {
  const blocks = documents.flatMap(commandsIn)
  const all = [...blocks, ...blocks.flatMap((block) => block.split('\n').map(lineOf))]
  expect(Object.keys(shownElsewhere).filter((commands) => !all.includes(commands))).toEqual([])
  expect(Object.values(shownElsewhere).filter((file) => !existsSync(file))).toEqual([])
})

test('the variables that documents set are understood', () => {
  for (const document of documents) {
    const blocks = [...readFileSync(document, 'utf8').matchAll(/```env\n(.*?)\n```/gs)]
    for (const [, block = ''] of blocks) {
      const lines = block.split('\n').filter((line) => /^\w/.test(line))
      const set = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      const example = readFileSync('.env.example', 'utf8')
      for (const name of Object.keys(set).filter((one) => one !== 'POSTGRES_PASSWORD'))
        expect(example, `${name} in ${document}`).toContain(`# ${name}=`)
      expect(() => readConfig(set), document).not.toThrow()
    }
  }
})
