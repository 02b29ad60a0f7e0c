import { setTimeout } from 'node:timers/promises'

const redirectUri = 'https://app.example/callback'
const mostAttempts = 100

/** No answer that counts came: the pod was gone, or said that it could not. */
export class CutOff extends Error {}

/** What clients, their users and their browsers send to a pod. Every answer is `{ status, json }`. */
export class Caller {
  /** Whether to come again when the pod has too much to do. */
  isPatient = false

  constructor(url) {
    this.url = url
  }

  /** @returns the cookies of a browser that is logged in, and the token for its forms */
  async logIn(username, password) {
    const page = await this.#fetch('/login')
    const form = { username, password, csrfmiddlewaretoken: cookiesOf(page).csrftoken }
    const answer = await this.#fetch('/login', { form, cookies: cookiesOf(page) })
    return answer.status === 303 ? cookiesOf(answer) : undefined
  }

  register(name) {
    return this.#send('/api/v1/oauth/apps/', { form: { name, redirect_uris: redirectUri, scopes: 'read write' } })
  }

  showClient({ client_id }) {
    return this.#send(`/api/v1/oauth/apps/${client_id}/`)
  }

  /** As an app that shows its own consent page. */
  authorize(client, cookies) {
    const form = {
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'read',
      allow: 'true',
    }
    const headers = { 'x-csrftoken': cookies.csrftoken, 'x-requested-with': 'XMLHttpRequest' }
    return this.#send('/api/v1/oauth/authorize/', { form, cookies, headers })
  }

  exchange(client, code) {
    return this.#token(client, { grant_type: 'authorization_code', code, redirect_uri: redirectUri })
  }

  refresh(client, refreshToken) {
    return this.#token(client, { grant_type: 'refresh_token', refresh_token: refreshToken })
  }

  clientCredentials(client) {
    return this.#token(client, { grant_type: 'client_credentials' })
  }

  revoke({ client_id, client_secret }, token) {
    return this.#send('/api/v1/oauth/revoke', { form: { client_id, client_secret, token } })
  }

  /** @param by `{ bearer }` or `{ cookies }` */
  me(by) {
    return this.#send('/api/v1/users/me/', by)
  }

  /** A script on a page of the pod. */
  post(path, form, cookies) {
    return this.#send(path, { form, cookies, headers: { 'x-csrftoken': cookies.csrftoken } })
  }

  /** @returns `{ status, bytes }` */
  async get(path, cookies) {
    const response = await this.#fetch(path, { cookies })
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer().catch(cutOff)) }
  }

  #token({ client_id, client_secret }, form) {
    return this.#send('/api/v1/oauth/token', { form: { client_id, client_secret, ...form } })
  }

  async #send(path, options) {
    const response = await this.#fetch(path, options)
    const text = await response.text().catch(cutOff)
    if (response.status === 503) throw new CutOff(text)
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) }
  }

  async #fetch(path, options) {
    for (let attempt = 0; ; attempt += 1) {
      const response = await this.#fetchOnce(path, options)
      if (response.status !== 503 || !this.isPatient || attempt === mostAttempts) return response
      await setTimeout(500)
    }
  }

  #fetchOnce(path, { form, cookies, bearer, headers = {} } = {}) {
    const sent = { ...headers }
    if (bearer !== undefined) sent.authorization = `Bearer ${bearer}`
    if (cookies !== undefined)
      sent.cookie = Object.entries(cookies)
        .map((pair) => pair.join('='))
        .join('; ')
    const post = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }
    return fetch(this.url + path, { ...post, headers: sent, redirect: 'manual' }).catch(cutOff)
  }
}

function cutOff(error) {
  throw new CutOff(error.message, { cause: error })
}

function cookiesOf(response) {
  const pairs = response.headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0])
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}
