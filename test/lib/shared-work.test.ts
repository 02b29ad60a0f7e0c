import { expect, test } from 'vitest'
import { SharedWork } from '../../src/lib/shared-work.ts'

function aCaller() {
  const leaving = new AbortController()
  return { left: leaving.signal, leave: () => leaving.abort() }
}

/** Work that ends when told to, and how often it was begun. */
function someWork() {
  const state = { begun: 0, end: () => {}, signal: new AbortController().signal }
  const work = (signal: AbortSignal) =>
    new Promise<number>((resolve, reject) => {
      state.begun += 1
      state.signal = signal
      state.end = () => resolve(state.begun)
      signal.addEventListener('abort', () => reject(new Error('ended')))
    })
  return { state, work }
}

test('what many want at the same time is done once, for all', async () => {
  const shared = new SharedWork<number>(0)
  const { state, work } = someWork()
  const results = Array.from({ length: 10 }, () => shared.join('a', work, aCaller().left))
  state.end()
  expect(await Promise.all(results)).toEqual(Array(10).fill(1))
  const again = shared.join('a', work, aCaller().left)
  state.end()
  expect(await again).toBe(2)
})

test('other work is other work', async () => {
  const shared = new SharedWork<string>(0)
  const results = ['a', 'b'].map((key) => shared.join(key, async () => key, aCaller().left))
  expect(await Promise.all(results)).toEqual(['a', 'b'])
})

test('a failure is everybody’s, and forgotten', async () => {
  const shared = new SharedWork<string>(0)
  const failing = async () => Promise.reject(new Error('it failed'))
  const results = await Promise.allSettled([1, 2].map(() => shared.join('a', failing, aCaller().left)))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await shared.join('a', async () => 'done', aCaller().left)).toBe('done')
})

test('it goes on while one of them waits, and ends when nobody does', async () => {
  const shared = new SharedWork<number>(0)
  const { state, work } = someWork()
  const [first, second] = [aCaller(), aCaller()]
  const results = [first, second].map(({ left }) => shared.join('a', work, left).catch((error: Error) => error.message))
  first.leave()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(state.signal.aborted).toBe(false)
  second.leave()
  expect(await Promise.all(results)).toEqual(['ended', 'ended'])
  const next = shared.join('a', work, aCaller().left)
  state.end()
  expect(await next).toBe(2)
})

test('who comes back in time finds it under way', async () => {
  const shared = new SharedWork<number>(60_000)
  const { state, work } = someWork()
  const first = aCaller()
  const left = shared.join('a', work, first.left)
  first.leave()
  const back = shared.join('a', work, aCaller().left)
  state.end()
  expect(await Promise.all([left, back])).toEqual([1, 1])
})

test('stopping ends everything and waits for it', async () => {
  const shared = new SharedWork<number>(0)
  const { state, work } = someWork()
  const result = shared.join('a', work, aCaller().left).catch((error: Error) => error.message)
  await shared.stop()
  expect(state.signal.aborted).toBe(true)
  expect(await result).toBe('ended')
})
