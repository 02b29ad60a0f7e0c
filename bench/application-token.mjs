const password = 'correct horse battery'

/** The token of an OAuth client that its owner, alice, registers; it may read everything of hers. */
export async function applicationToken(pod) {
  const { status, output } = await pod.admin(['users', 'create', '--username', 'alice', '--email', 'a@example.org'], {
    BALEEN_PASSWORD: password,
  })
  if (status !== 0) throw new Error(output)
  const form = await fetch(`${pod.url}/login`)
  const csrf = form.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const login = await post(pod, '/api/v1/users/login', csrf, { username: 'alice', password })
  const cookies = login.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  const fields = { name: 'bench', scopes: 'read', redirect_uris: 'urn:ietf:wg:oauth:2.0:oob' }
  const app = await post(pod, '/api/v1/oauth/apps', cookies.join('; '), fields)
  const { token } = await app.json()
  if (typeof token !== 'string') throw new Error('No application token')
  return token
}

function post(pod, path, cookie, body) {
  const csrf = /csrftoken=([^;]*)/.exec(cookie)?.[1] ?? ''
  const headers = { cookie, 'x-csrftoken': csrf, 'content-type': 'application/json' }
  return fetch(pod.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}
