import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

test.each(['README.md', 'CONTRIBUTING.md', 'docs/contributing.md', '.changeset/README.md', 'src/oauth/README.md'])(
  'every file that %s names is there',
  (document) => {
    const text = readFileSync(join(root, document), 'utf8')
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = '']) => target)
    const local = links.filter((target) => !target.includes('://'))
    expect(local).not.toHaveLength(0)
    expect(local.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([])
  },
)

test('every npm script that README and CONTRIBUTING name exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const named = ['README.md', 'CONTRIBUTING.md', 'docs/contributing.md'].flatMap((document) => [
    ...readFileSync(join(root, document), 'utf8').matchAll(/npm run ([\w:]+)/g),
  ])
  expect(named.map(([, name = '']) => name).filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
})
