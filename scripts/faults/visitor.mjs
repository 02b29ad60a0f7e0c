/** One who calls a pod and looks at everything that comes back. */
export class Visitor {
  constructor(url) {
    this.url = url
  }

  /** @returns `{ status, retryAfter, json, text, ms }`; status 0 = the connection was cut or refused */
  async ask(path, { form, bearer, cookies, headers = {} } = {}) {
    const since = performance.now()
    const sent = { ...headers }
    if (bearer !== undefined) sent.authorization = `Bearer ${bearer}`
    if (cookies !== undefined) sent.cookie = cookies
    const post =
      form === undefined ? {} : { method: 'POST', body: form instanceof FormData ? form : new URLSearchParams(form) }
    try {
      const response = await fetch(this.url + path, { ...post, headers: sent, redirect: 'manual' })
      const text = await response.text()
      const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
      return { status: response.status, retryAfter, text, json: jsonOf(text), ms: performance.now() - since, response }
    } catch (error) {
      return { status: 0, text: String(error.cause ?? error), ms: performance.now() - since }
    }
  }

  token({ client_id, client_secret }, form) {
    return this.ask('/api/v1/oauth/token', { form: { client_id, client_secret, ...form } })
  }

  register() {
    const form = { name: 'Fault test', redirect_uris: 'https://app.example/callback', scopes: 'read write' }
    return this.ask('/api/v1/oauth/apps/', { form })
  }

  /** What a browser sends that has the login page open. */
  async loginForm(username, password) {
    const page = await this.ask('/login')
    const cookies = cookiesOf(page.response)
    const csrfmiddlewaretoken = /csrftoken=([^;]+)/.exec(cookies)?.[1]
    return { form: { username, password, csrfmiddlewaretoken }, cookies }
  }

  async logIn(username, password) {
    const answer = await this.ask('/login', await this.loginForm(username, password))
    return cookiesOf(answer.response)
  }

  /** Tokens that the user of these cookies allows a client. */
  async authorize(client, cookies) {
    const form = {
      client_id: client.client_id,
      redirect_uri: 'https://app.example/callback',
      response_type: 'code',
      scope: 'read write',
      allow: 'true',
    }
    const headers = { 'x-csrftoken': /csrftoken=([^;]+)/.exec(cookies)?.[1], 'x-requested-with': 'XMLHttpRequest' }
    const { json } = await this.ask('/api/v1/oauth/authorize/', { form, cookies, headers })
    const code = json.code ?? new URL(json.redirect_uri).searchParams.get('code')
    const redirect_uri = 'https://app.example/callback'
    return (await this.token(client, { grant_type: 'authorization_code', code, redirect_uri })).json
  }
}

function cookiesOf(response) {
  return (response?.headers.getSetCookie() ?? []).map((cookie) => cookie.split(';', 1)[0]).join('; ')
}

function jsonOf(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
