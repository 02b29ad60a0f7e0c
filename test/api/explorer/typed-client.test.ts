import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import openapiTypeScript, { astToString, type OpenAPI3 } from 'openapi-typescript'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listeningApp, type TestApp } from '../../support/app.ts'
import { authorize, newPkce, signedIn } from '../../support/oauth-flow.ts'

/** What the author of an app writes on top of the generated types. */
const program = `
import createClient from 'openapi-fetch'
import type { paths } from './pod.ts'

const redirectUri = 'https://app.example/callback'

export async function register(baseUrl: string) {
  const pod = createClient<paths>({ baseUrl })
  const { data, error } = await pod.POST('/api/v1/oauth/apps', {
    body: { name: 'Tempo', redirect_uris: redirectUri, scopes: 'read:profile write:playlists' },
  })
  if (data === undefined) throw new Error(JSON.stringify(error))
  return { id: data.client_id, secret: data.client_secret, redirectUri }
}

export async function exchange(baseUrl: string, given: { id: string; secret: string; code: string; verifier: string }) {
  const pod = createClient<paths>({ baseUrl })
  const { data, error } = await pod.POST('/api/v1/oauth/token', {
    body: {
      grant_type: 'authorization_code',
      code: given.code,
      redirect_uri: redirectUri,
      code_verifier: given.verifier,
      client_id: given.id,
      client_secret: given.secret,
    },
  })
  if (data === undefined) throw new Error(error.error)
  const token: string = data.access_token
  return token
}

export async function useToken(baseUrl: string, token: string) {
  const pod = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } })
  const me = await pod.GET('/api/v1/users/me')
  const made = await pod.POST('/api/v1/playlists', { body: { name: 'Evening' } })
  const shown = await pod.GET('/api/v1/playlists/{id}', { params: { path: { id: String(made.data?.id) } } })
  // The compiler knows which addresses there are, and what they take.
  const wrong = () => [
    // @ts-expect-error
    pod.GET('/api/v1/users/myself'),
    // @ts-expect-error
    pod.POST('/api/v1/playlists', { body: { name: 5 } }),
    // @ts-expect-error
    me.data?.nickname,
  ]
  return { username: me.data?.username, playlist: made.data?.name, refused: shown.response.status }
}
`

interface Program {
  register(baseUrl: string): Promise<{ id: string; secret: string; redirectUri: string }>
  exchange(baseUrl: string, given: { id: string; secret: string; code: string; verifier: string }): Promise<string>
  useToken(baseUrl: string, token: string): Promise<Record<string, unknown>>
}

let pod: TestApp & { url: string }
let folder: string
beforeAll(async () => {
  pod = await listeningApp()
  // Inside the project, so that the program finds its library.
  mkdirSync('node_modules/.cache', { recursive: true })
  folder = mkdtempSync(join('node_modules/.cache', 'typed-client-'))
  const description = (await (await fetch(`${pod.url}/api/openapi.json`)).json()) as OpenAPI3
  writeFileSync(join(folder, 'pod.ts'), astToString(await openapiTypeScript(description)))
})
afterAll(async () => {
  await pod?.close()
  rmSync(folder, { recursive: true, force: true })
})

const options: ts.CompilerOptions = {
  strict: true,
  skipLibCheck: true,
  noEmitOnError: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  rewriteRelativeImportExtensions: true,
  types: [],
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
}

/** What the compiler has to say about a program on the generated types. */
function compile(name: string, text: string): string[] {
  const file = join(folder, `${name}.mts`)
  writeFileSync(file, text)
  const compiled = ts.createProgram([file], options)
  const { diagnostics } = compiled.emit()
  return [...ts.getPreEmitDiagnostics(compiled), ...diagnostics].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  )
}

test('a client made from the description registers, gets a token and calls the API', async () => {
  expect(compile('client', program)).toEqual([])
  const client = (await import(pathToFileURL(join(folder, 'client.mjs')).href)) as Program

  const { id, secret } = await client.register(pod.url)
  const { user, browser } = await signedIn(pod)
  const registered = { client: await pod.db.client.findUniqueOrThrow({ where: { clientId: id } }), secret }
  const { verifier, challenge } = newPkce()
  const answer = await authorize(browser, registered, {
    scope: 'read:profile write:playlists',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  const code = answer.searchParams.get('code') ?? ''
  const token = await client.exchange(pod.url, { id, secret, code, verifier })
  expect(await client.useToken(pod.url, token)).toEqual({
    username: user.username,
    playlist: 'Evening',
    refused: 403,
  })
})
