import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { variablesOf } from './dockerfile.mjs'

const context = fileURLToPath(new URL('../..', import.meta.url))

/** What Docker would have done with a step, in a folder that stands for the root of a stage's image. */
export class Stage {
  workdir = '/'
  env = {}
  user = 'root'
  command = []
  health = []
  #folder
  #others

  constructor(folder, others) {
    this.#folder = folder
    this.#others = others
    mkdirSync(folder, { recursive: true })
  }

  /** Where a path of the image is on this machine. */
  on(path) {
    return join(this.#folder, path.startsWith('/') ? path : join(this.workdir, path))
  }

  async take(step) {
    const { keyword, words, text } = step
    if (keyword === 'WORKDIR') mkdirSync(this.on(words[0]), { recursive: true })
    if (keyword === 'WORKDIR') this.workdir = words[0]
    else if (keyword === 'ENV') Object.assign(this.env, variablesOf(step))
    else if (keyword === 'USER') this.user = words[0]
    else if (keyword === 'CMD') this.command = words
    else if (keyword === 'HEALTHCHECK') this.health = JSON.parse(text.slice(text.indexOf('[')))
    else if (keyword === 'COPY') this.#copy(step)
    else if (keyword === 'RUN') await this.#run(text)
    else if (!['VOLUME', 'EXPOSE'].includes(keyword))
      throw new Error(`${keyword} is not known here: teach it to this script.`)
  }

  #copy({ words, flags }) {
    const target = words.at(-1)
    for (const source of words.slice(0, -1)) {
      const isFolder =
        flags.from === undefined ? statSync(join(context, source)).isDirectory() : !source.includes('.json')
      const to = target.endsWith('/') && !isFolder ? join(target, basename(source)) : target
      if (flags.from === undefined) copyContext(source, this.on(to))
      else this.#copyFrom(this.#others[flags.from], source, this.on(to))
    }
  }

  /** What the stage does not have is in its base image, of which there is Node on this machine. */
  #copyFrom(stage, source, target) {
    const own = stage.on(source)
    if (!existsSync(own) && basename(source) !== 'node') throw new Error(`COPY: there is no ${source}`)
    mkdirSync(dirname(target), { recursive: true })
    cpSync(existsSync(own) ? own : process.execPath, target, { recursive: true, verbatimSymlinks: true })
  }

  /** Absolute folders are the image's; accounts are not made on this machine. */
  async #run(text) {
    const script = text
      .split('&&')
      .map((command) => command.trim())
      .filter((command) => !/^(useradd|chown)\b/.test(command))
      .map((command) => command.replace(/ (\/\S+)/g, (_, path) => ` '${this.on(path)}'`))
      .join(' && ')
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...registryOf(process.env), ...this.env }
    const child = spawn('sh', ['-ec', script], { cwd: this.on(this.workdir), env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const [status] = await once(child, 'close')
    if (status !== 0) throw new Error(`RUN ${text} ended with ${status}:\n${output}`)
  }
}

/** npm may be told where its registry is, and nothing else of this environment. */
function registryOf(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => /^npm_config_(registry|cafile|proxy)$|^https?_proxy$/i.test(name)),
  )
}

/** As Docker sends it: without what .dockerignore leaves out. */
function copyContext(source, target) {
  const rules = readFileSync(join(context, '.dockerignore'), 'utf8').split('\n').filter(Boolean)
  const isIn = (path) => {
    let ignored = false
    for (const rule of rules) {
      const name = rule.replace(/^!/, '')
      if (name === '*' || path === name || path.startsWith(`${name}/`)) ignored = !rule.startsWith('!')
    }
    return !ignored
  }
  const start = join(context, source)
  const filter = (file) => {
    const path = file.slice(context.length).replace(/^\/|\/$/g, '')
    return path === '' || isIn(path)
  }
  mkdirSync(dirname(target), { recursive: true })
  cpSync(start, target, { recursive: true, filter })
}

/** Bytes in a folder. */
export function sizeOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Imports every module of dist/ that is for Node and does nothing when imported, so that a package that was pruned wrongly is noticed. */
export function writeImporter(file, dist) {
  const notForImport = /(^|\/)((server|cli|worker)\.js$|(assets|files)\/)/
  const modules = readdirSync(dist, { recursive: true }).filter(
    (name) => name.endsWith('.js') && !notForImport.test(name),
  )
  const lines = modules.map((name) => `await import(${JSON.stringify(join(dist, name))})`)
  writeFileSync(file, `${lines.join('\n')}\nconsole.log(${modules.length})\nprocess.exit()\n`)
  chmodSync(file, 0o644)
}
