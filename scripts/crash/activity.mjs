import { setTimeout } from 'node:timers/promises'
import { CutOff } from './caller.mjs'
import { newMusicLedger, openLibrary } from './music.mjs'

/**
 * What the pod has said yes to, and what was under way without an answer when it ended. A family is one chain of
 * rotations; `tokens` are its latest, `older` those before, `pending` is what had no answer.
 */
export function newLedger() {
  return { clients: [], users: [], unusedCodes: [], cutOffCodes: [], families: [], refusals: [], ...newMusicLedger() }
}

/**
 * Issues and exchanges codes, refreshes and revokes tokens, registers clients, creates an account or changes a password,
 * uploads and plays music, all at once, until nothing is answered any more. Whatever is answered goes into the ledger at once.
 * @param former an account of an earlier round
 */
export async function keepBusy({ caller, pod, client, cookies, ledger, round, former }) {
  const inUse = { caller, client, cookies, ledger }
  let isOver = false
  const untilCutOff = async (job) => {
    try {
      while (!isOver) await job()
    } catch (error) {
      isOver = true
      if (!(error instanceof CutOff)) throw error
    }
  }
  const started = await Promise.all(Array.from({ length: 6 }, () => startFamily(inUse)))
  const music = await openLibrary({ caller, cookies, ledger, round })
  await music.uploadSome()
  const spare = []
  return {
    ended: Promise.all([
      ...started.map((family) => untilCutOff(() => refreshOnce(inUse, family))),
      ...Array.from({ length: 3 }, () => untilCutOff(async () => spare.push(await startFamily(inUse)))),
      untilCutOff(() => revokeOne(inUse, spare)),
      untilCutOff(() => registerOne(inUse)),
      untilCutOff(() => authorizeOne(inUse)),
      ...Array.from({ length: 2 }, () => untilCutOff(music.uploadOne)),
      untilCutOff(music.listenOnce),
      round % 2 === 0 ? changePassword(pod, ledger, former) : createAccount(pod, ledger, round),
    ]),
  }
}

async function startFamily({ caller, client, cookies, ledger }) {
  const { code } = expectStatus(ledger, 200, await caller.authorize(client, cookies))
  ledger.cutOffCodes.push(code)
  const tokens = expectStatus(ledger, 200, await caller.exchange(client, code))
  ledger.cutOffCodes.splice(ledger.cutOffCodes.indexOf(code), 1)
  const family = { code, tokens, older: [], pending: undefined, isRevoked: false }
  ledger.families.push(family)
  return family
}

async function refreshOnce({ caller, client, ledger }, family) {
  family.pending = 'refresh'
  const tokens = expectStatus(ledger, 200, await caller.refresh(client, family.tokens.refresh_token))
  family.older.push(family.tokens)
  family.tokens = tokens
  family.pending = undefined
}

async function revokeOne({ caller, client, ledger }, spare) {
  const family = spare.shift()
  if (family === undefined) return setTimeout(5)
  family.pending = 'revoke'
  expectStatus(ledger, 200, await caller.revoke(client, family.tokens.refresh_token))
  family.isRevoked = true
  family.pending = undefined
}

async function registerOne({ caller, ledger }) {
  ledger.clients.push(expectStatus(ledger, 201, await caller.register('Crash test')))
}

async function authorizeOne({ caller, client, cookies, ledger }) {
  ledger.unusedCodes.push(expectStatus(ledger, 200, await caller.authorize(client, cookies)).code)
  await setTimeout(50)
}

async function createAccount(pod, ledger, round) {
  const user = { username: `extra${round}`, password: `the password of extra ${round}`, isCertain: true }
  const options = ['--username', user.username, '--email', `${user.username}@example.org`]
  const { status } = await pod.admin(['users', 'create', ...options], { BALEEN_PASSWORD: user.password })
  if (status === 0) ledger.users.push(user)
}

/** Cut off, it may be done or not. */
async function changePassword(pod, ledger, { username, password }) {
  const changed = `another ${password}`
  const { status } = await pod.admin(['users', 'set-password', username], { BALEEN_PASSWORD: changed })
  ledger.users.push({ username, password: changed, formerPassword: password, isCertain: status === 0 })
}

function expectStatus(ledger, expected, { status, json }) {
  if (status === expected) return json
  ledger.refusals.push(`${status} instead of ${expected}: ${JSON.stringify(json)}`)
  throw new CutOff('refused')
}
