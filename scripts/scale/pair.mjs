import { setTimeout } from 'node:timers/promises'

const username = 'alice'
const password = 'a password for two pods'

/** Two pods that share a database, with an account, its sessions and an app. */
export class Pair {
  constructor({ pods, callers, query, bouncer }) {
    this.pods = pods
    this.callers = callers
    this.query = query
    this.bouncer = bouncer
  }

  /** The account is a superuser's, who may change settings. */
  async prepare() {
    const account = ['users', 'create', '--username', username, '--email', 'alice@example.org', '--superuser']
    const { status, output } = await this.pods[0].admin(account, { BALEEN_PASSWORD: password })
    if (status !== 0) throw new Error(output)
    await this.begin()
  }

  /** Logs in, and registers an app. */
  async begin() {
    this.cookies = await this.callers[0].logIn(username, password)
    this.client = (await this.callers[0].register('Scale')).json
  }

  /** A code from one pod. */
  async code(caller) {
    const { status, json } = await caller.authorize(this.client, this.cookies)
    expect(status === 200 || status === 201, `no code: ${status} ${JSON.stringify(json)}`)
    return json.code ?? new URL(json.redirect_uri).searchParams.get('code')
  }

  /** A code from one pod, traded at the other. */
  async tokens() {
    const [here, there] = this.callers
    const { status, json } = await there.exchange(this.client, await this.code(here))
    expect(status === 200, `no token: ${status} ${JSON.stringify(json)}`)
    return json
  }
}

export function expect(isSo, otherwise) {
  if (!isSo) throw new Error(otherwise)
}

/** How long until this is so, in milliseconds; at most a second. */
export async function within(what, isSo) {
  const since = performance.now()
  while (!(await isSo())) {
    if (performance.now() - since > 1_000) throw new Error(`${what} took more than a second`)
    await setTimeout(2)
  }
  return performance.now() - since
}

/** The middle and the largest. */
export function told(durations) {
  const sorted = [...durations].sort((a, b) => a - b)
  const [middle, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  return `median ${middle.toFixed(0)} ms, at most ${most.toFixed(0)} ms of ${sorted.length}`
}
