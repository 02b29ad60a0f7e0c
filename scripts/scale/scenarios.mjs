import { setTimeout } from 'node:timers/promises'
import { checkMusic, newMusicLedger, openLibrary } from '../crash/music.mjs'
import { expect, told, within } from './pair.mjs'

const rounds = 10
const bulk = '/api/v1/instance/admin/settings/bulk'
const statusOf = async (answer) => (await answer).status

/** Makes the pod certain of a token, so that it no longer asks the database. */
async function warm(caller, bearer) {
  for (let times = 0; times < 20; times += 1) {
    expect((await statusOf(caller.me({ bearer }))) === 200, 'a fresh token is refused')
    await setTimeout(5)
  }
}

async function repeatedly(times, act) {
  const results = []
  for (let time = 0; time < times; time += 1) results.push(await act(time))
  return results
}

export const scenarios = {
  'a session, a client, a code and a token of one pod work at the other': async (pair) => {
    const [here, there] = pair.callers
    expect((await statusOf(there.me({ cookies: pair.cookies }))) === 200, 'the session is not known there')
    const { access_token: bearer } = await pair.tokens()
    for (const caller of [here, there])
      expect((await statusOf(caller.me({ bearer }))) === 200, 'the token is not known')
  },

  'a revoked token is dead at the other pod within a second': async (pair) => {
    const [here, there] = pair.callers
    return told(
      await repeatedly(rounds, async () => {
        const { access_token: bearer } = await pair.tokens()
        await warm(there, bearer)
        await here.revoke(pair.client, bearer)
        return within('the revocation', async () => (await statusOf(there.me({ bearer }))) === 401)
      }),
    )
  },

  'an account that is deactivated is shut out by both pods within a second': async (pair) => {
    const { access_token: bearer } = await pair.tokens()
    for (const caller of pair.callers) await warm(caller, bearer)
    await pair.pods[0].admin(['users', 'deactivate', 'alice'])
    const durations = await Promise.all(
      pair.callers.map((caller) => within('it', async () => (await statusOf(caller.me({ bearer }))) === 401)),
    )
    await pair.pods[0].admin(['users', 'activate', 'alice'])
    await pair.begin()
    return told(durations)
  },

  'a setting changed at one pod counts at the other within a second': async (pair) => {
    const [here, there] = pair.callers
    return told(
      await repeatedly(rounds, async (round) => {
        const name = `Pod ${round}`
        const changed = await here.post(bulk, { instance__name: name }, pair.cookies)
        expect(changed.status === 200, `not changed: ${changed.status} ${JSON.stringify(changed.json)}`)
        return within('the setting', async () => (await there.get('/api/v1/instance/settings/')).bytes.includes(name))
      }),
    )
  },

  'a rate for one user, set by command, counts at both pods within a second': async (pair) => {
    const { access_token: bearer } = await pair.tokens()
    await pair.pods[0].admin(['rate-limits', 'set', 'authenticated-wildcard', '4321/hour', '--user', 'alice'])
    const limitAt = async ({ url }) => {
      const answer = await fetch(`${url}/api/v1/users/me/`, { headers: { authorization: `Bearer ${bearer}` } })
      await answer.arrayBuffer()
      return answer.headers.get('x-ratelimit-limit')
    }
    return told(
      await Promise.all(pair.pods.map((pod) => within('the rate', async () => (await limitAt(pod)) === '4321'))),
    )
  },

  'a code traded at both pods at once gives tokens once': async (pair) => {
    await repeatedly(rounds, async () => {
      const code = await pair.code(pair.callers[0])
      const answers = await Promise.all(
        [...pair.callers, ...pair.callers].map((one) => one.exchange(pair.client, code)),
      )
      const given = answers.filter(({ status }) => status === 200)
      expect(given.length <= 1, `${given.length} exchanges of one code succeeded`)
    })
  },

  'a refresh token used at both pods at once has one successor': async (pair) => {
    await repeatedly(rounds, async () => {
      const { refresh_token: token } = await pair.tokens()
      const answers = await Promise.all(pair.callers.map((caller) => caller.refresh(pair.client, token)))
      const successors = new Set(answers.filter(({ status }) => status === 200).map(({ json }) => json.refresh_token))
      expect(successors.size === 1, `${successors.size} successors`)
    })
  },

  'each of some uploads is imported once, whichever pod took it': async (pair) => {
    await pair.query('CREATE TABLE taken (job bigint)')
    await pair.query(`CREATE FUNCTION note_taken() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO taken VALUES (NEW.id); RETURN NEW; END'`)
    await pair.query('CREATE TRIGGER taken AFTER UPDATE OF attempts ON jobs FOR EACH ROW EXECUTE FUNCTION note_taken()')
    const ledger = { ...newMusicLedger(), refusals: [] }
    const wholes = pair.callers.map((caller, round) => ({ caller, cookies: pair.cookies, ledger, round }))
    const libraries = await Promise.all(wholes.map(openLibrary))
    await Promise.all(libraries.flatMap(({ uploadOne }) => [uploadOne(), uploadOne(), uploadOne(), uploadOne()]))
    const wrong = new Set()
    const check = (isSo, otherwise) => isSo || wrong.add(otherwise)
    const [{ cookies }, { query }] = [pair, pair]
    await checkMusic({ caller: pair.callers[1], cookies, ledger, query, expect: check, folder: pair.pods[0].folder })
    expect(wrong.size === 0, [...wrong].join('; '))
    const [{ jobs, times }] = await query('SELECT count(DISTINCT job)::int AS jobs, count(*)::int AS times FROM taken')
    expect(jobs === ledger.uploads.length && times === jobs, `${jobs} jobs were taken ${times} times`)
    return `${jobs} jobs`
  },

  'rate limits count in each pod by itself': async ({ pods }) => {
    const remainingAt = async ({ url }) => {
      const answer = await fetch(`${url}/api/v1/oauth/token`, { method: 'POST', body: new URLSearchParams() })
      await answer.arrayBuffer()
      return Number(answer.headers.get('x-ratelimit-remaining'))
    }
    const [before] = [await remainingAt(pods[1])]
    await repeatedly(5, () => remainingAt(pods[0]))
    expect((await remainingAt(pods[1])) === before - 1, 'what one pod counts, the other knows: mend docs/scaling.md')
  },

  'a PgBouncer that dies and comes back is used again': async ({ bouncer, callers, cookies }) => {
    if (bouncer === undefined) return 'there is none'
    await bouncer.kill()
    await Promise.all(callers.map((caller) => caller.me({ cookies }).catch(() => undefined)))
    await bouncer.start()
    await within('it', async () => {
      const answers = await Promise.all(callers.map((caller) => statusOf(caller.me({ cookies })).catch(() => 503)))
      return answers.every((status) => status === 200)
    })
  },
}
