/**
 * Runs the tests under Node.js 24, whatever runs this. The program comes from the npm registry, like everything else:
 * `node@24` there is a script that installs the package for the platform, which is what this does without it.
 * Arguments go to vitest.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './build/inputs.mjs'
import { runInTerminal } from './build/run.mjs'

const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const name = `${platform === 'darwin-arm64' ? 'node-bin' : 'node'}-${platform}`
const folder = join(root, 'node_modules/.cache/node24')
const node = join(folder, 'node_modules', name, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node')

function install() {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts']
  const { status } = spawnSync('npm', ['install', ...options, `${name}@24`], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${name}@24 could not be installed.`)
}

if (!existsSync(node)) install()
console.log(`Node.js ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`)
process.env.PATH = `${dirname(node)}${delimiter}${process.env.PATH}`
process.execPath = node
await runInTerminal('../scripts/test.mjs', process.argv.slice(2))
