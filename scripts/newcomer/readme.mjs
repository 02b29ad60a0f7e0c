import { readFileSync } from 'node:fs'

/** What README says to type: to start, to create an account, and the walk with curl. */
export function commandsOf(file) {
  const text = readFileSync(file, 'utf8')
  const blocks = (part) => [...part.matchAll(/```sh\n(.*?)\n```/gs)].map(([, block]) => block)
  const [account, ...walk] = blocks(text.split('\n## Five minutes with curl\n')[1].split('\n## ')[0])
  return { start: blocks(text)[0], account, walk: walk.join('\n') }
}
