import { createHash } from 'node:crypto'
import { checkMusic } from './music.mjs'

/**
 * Compares a pod that was killed and started again with what it had said before.
 * @returns one sentence for everything that is wrong
 */
export async function findViolations({ caller, client, cookies, ledger, query, folder }) {
  const wrong = [...ledger.refusals.map((refusal) => `refused before the kill: ${refusal}`)]
  const inUse = { caller, client, wrong, expect: (isRight, sentence) => isRight || wrong.push(sentence) }
  await checkRows({ ...inUse, query, ledger })
  inUse.expect((await caller.me({ cookies })).status === 200, 'a browser session is lost')
  await Promise.all([
    ...ledger.clients.map((one) => checkClient(inUse, one)),
    ...ledger.users.map((one) => checkUser(inUse, one)),
    ...ledger.unusedCodes.map((code) => checkUnusedCode(inUse, code)),
    ...ledger.cutOffCodes.map((code) => checkCutOffCode(inUse, code)),
    ...ledger.families.map((family, index) => checkFamily(inUse, family, index)),
  ])
  await checkMusic({ ...inUse, cookies, ledger, query, folder })
  await checkRows({ ...inUse, query, ledger: { cutOffCodes: [] } })
  return wrong
}

/** What must never be seen, whatever happened. */
const impossible = {
  'a family has two refresh tokens that live':
    'SELECT family_id FROM tokens WHERE refresh_hash IS NOT NULL AND rotated_at IS NULL GROUP BY 1 HAVING count(*) > 1',
  'a family has two access tokens that live':
    'SELECT family_id FROM tokens WHERE access_hash IS NOT NULL GROUP BY 1 HAVING count(*) > 1',
  'a family has no tokens':
    'SELECT id FROM token_families f WHERE NOT EXISTS (SELECT 1 FROM tokens t WHERE t.family_id = f.id)',
  'an unused code has given tokens':
    'SELECT a.id FROM authorization_codes a JOIN token_families f ON f.code_id = a.id WHERE a.used_at IS NULL',
  'a rotated token has no successor': `SELECT id FROM tokens t WHERE rotated_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM tokens s WHERE s.predecessor_id = t.id)`,
}

async function checkRows({ query, expect, ledger }) {
  for (const [sentence, sql] of Object.entries(impossible)) {
    expect((await query(sql)).length === 0, sentence)
  }
  const hashes = ledger.cutOffCodes.map((code) => createHash('sha256').update(code).digest())
  const halfway = `SELECT a.id FROM authorization_codes a WHERE code_hash = ANY($1) AND used_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM token_families f WHERE f.code_id = a.id)`
  expect((await query(halfway, [hashes])).length === 0, 'a code was used up and gave nothing')
}

async function checkClient({ caller, expect }, client) {
  expect((await caller.showClient(client)).status === 200, 'a registered client is lost')
  expect((await caller.clientCredentials(client)).status === 200, 'the secret of a registered client does not work')
}

async function checkUser({ caller, expect }, { username, password, formerPassword, isCertain }) {
  const works = (await caller.logIn(username, password)) !== undefined
  const formerWorks = formerPassword !== undefined && (await caller.logIn(username, formerPassword)) !== undefined
  if (isCertain) expect(works, `the account ${username} or its new password is lost`)
  expect(works !== formerWorks, `the account ${username} has both passwords or none`)
}

async function checkUnusedCode({ caller, client, expect }, code) {
  expect((await caller.exchange(client, code)).status === 200, 'a code that was issued is lost')
  expect((await caller.exchange(client, code)).status === 400, 'a code was used twice')
}

/** Nobody knows whether it was used; but it works at most once. */
async function checkCutOffCode({ caller, client, expect }, code) {
  const answers = [await caller.exchange(client, code), await caller.exchange(client, code)]
  const given = answers.filter(({ status }) => status === 200)
  expect(given.length <= 1 && answers[1].status === 400, 'a code was used twice after a cut-off exchange')
  for (const { json } of given) {
    expect(!(await isAlive(caller, json.access_token)), 'a replayed code did not end the tokens it gave')
  }
}

async function checkFamily(inUse, family, index) {
  const { caller, client, expect } = inUse
  const { tokens, older, pending, isRevoked } = family
  const worked = await isAlive(caller, tokens.access_token)
  if (isRevoked) expect(!worked, 'a revoked access token works')
  else if (pending === undefined) expect(worked, 'an access token is lost')
  for (const { access_token } of older.slice(-2)) {
    expect(!(await isAlive(caller, access_token)), 'a replaced access token works')
  }
  const refreshed = await caller.refresh(client, tokens.refresh_token)
  if (isRevoked) return expect(refreshed.status === 400, 'a revoked refresh token works')
  if (pending === 'revoke' && !worked) return expect(refreshed.status === 400, 'a revocation was done by half')
  expect(
    refreshed.status === 200,
    pending === 'refresh' ? 'a cut-off refresh cannot be repeated' : 'a refresh token is lost',
  )
  if (refreshed.status !== 200) return undefined
  expect(await isAlive(caller, refreshed.json.access_token), 'a token from after the restart does not work')
  expect(!(await isAlive(caller, tokens.access_token)), 'an access token works although it was replaced')
  return endFamily(inUse, family, refreshed.json, index)
}

/** What leaked ends everything that came of it: a code used again, or a refresh token from long ago. */
async function endFamily({ caller, client, expect }, { code, tokens, older }, latest, index) {
  await caller.refresh(client, latest.refresh_token)
  const isCode = index % 2 === 0
  const replayed = isCode
    ? await caller.exchange(client, code)
    : await caller.refresh(client, (older[0] ?? tokens).refresh_token)
  expect(replayed.status === 400, `${isCode ? 'an exchanged code' : 'a rotated refresh token'} worked again`)
  expect(!(await isAlive(caller, latest.access_token)), 'the family survived a replay')
}

async function isAlive(caller, accessToken) {
  const { status } = await caller.me({ bearer: accessToken })
  return status === 200
}
