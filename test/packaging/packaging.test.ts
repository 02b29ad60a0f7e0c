import { readFileSync } from 'node:fs'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/config.ts'

const read = (file: string) => readFileSync(file, 'utf8')
const documented = read('docs/admin.md')

interface Service {
  environment: Record<string, string>
  env_file?: { path: string; required: boolean }[]
  ports?: string[]
  volumes: string[]
}
interface Compose {
  services: Record<'pod' | 'database', Service>
  volumes: Record<string, unknown>
}
const compose: Compose = parse(read('docker-compose.yml'))

test('Docker has nothing to say against the Dockerfile', () => {
  expect(validate(read('Dockerfile')).map(({ message }) => message)).toEqual([])
})

test('the image runs as a user without rights, asks after its health, and has no tools to build with', () => {
  const image =
    read('Dockerfile')
      .split(/^FROM /m)
      .at(-1) ?? ''
  expect(image).not.toMatch(/^node:|npm|apt-get/m)
  expect(image).toMatch(/^USER baleen$/m)
  expect(image).toMatch(/^HEALTHCHECK .*\n?.*\/health\/live/m)
})

test('the pod of docker-compose.yml starts with what is set there, and can be reached from its machine only', () => {
  const { pod, database } = compose.services
  const substituted = Object.entries(pod.environment).map(([name, value]) => {
    return [
      name,
      String(value)
        .replace(/\$\{POSTGRES_PASSWORD:\?[^}]*\}/, 'secret')
        .replace(/\$\{\w+:-([^}]*)\}/, '$1'),
    ]
  })
  expect(readConfig(Object.fromEntries(substituted))).toMatchObject({
    host: '0.0.0.0',
    port: 5000,
    databaseUrl: 'postgresql://baleen:secret@database:5432/baleen',
  })
  expect(database.environment).toMatchObject({ POSTGRES_USER: 'baleen', POSTGRES_DB: 'baleen' })
  expect(pod.env_file).toEqual([{ path: '.env', required: false }])
  expect(pod.ports).toEqual(['127.0.0.1:5000:5000'])
  expect(database.ports).toBeUndefined()
})

test('what either of them keeps is in a volume', () => {
  const { pod, database } = compose.services
  const mounted = [...pod.volumes, ...database.volumes].map((volume) => volume.split(':')[0])
  expect(mounted).toEqual(Object.keys(compose.volumes))
  expect(pod.volumes).toEqual([`data:${pod.environment.DATA_DIR}`])
})

test('docs/admin.md shows deploy/systemd/baleen.service as it is', () => {
  const shown = /```ini\n(.*?)\n```/s.exec(documented)?.[1] ?? ''
  expect(shown).toMatch(/^\[Service\]\n.*ExecStart=/s)
  expect(read('deploy/systemd/baleen.service')).toContain(`${shown}\n`)
})
