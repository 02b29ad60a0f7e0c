import fs from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/** PostgreSQL's settings: those of PGlite, except that it flushes what it says is committed. */
const settings = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  // PGlite's fdatasync does nothing; its fsync reaches the file layer below.
  ...['-c', 'wal_sync_method=fsync'],
  ...['-c', 'shared_buffers=32MB'],
  ...['-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB'],
]

/** Opens the data folder at `path`. `onAbort` hears why, if PostgreSQL must stop at once; it may not return. */
export async function openPostgres(path: string, onAbort: (reason: string) => never): Promise<PGlite> {
  const lastWords = { text: '' }
  const files = new FlushedFiles(path, () => onAbort(lastWords.text))
  const postgres = new PGlite({
    fs: files,
    startParams: settings,
    onStderr: (line) => {
      const [message, level] = /(FATAL|PANIC|DETAIL): .*/.exec(line) ?? []
      if (message !== undefined) lastWords.text = level === 'DETAIL' ? `${lastWords.text} ${message}` : message
      return false
    },
  })
  try {
    await postgres.waitReady
  } catch (error) {
    throw new Error(`cannot open the database in ${path}: ${lastWords.text || String(error)}`, { cause: error })
  }
  return postgres
}

interface OpenFile {
  nfd: number
  node: { mode: number; parent: { name: string } }
}

interface FileLayer {
  isDir(mode: number): boolean
  filesystems: {
    NODEFS: { tryFSOperation(run: () => void): void; stream_ops: { fsync?: (file: OpenFile) => number } }
  }
}

/** PGlite's files in a folder, with the fsync that PGlite leaves out. */
class FlushedFiles extends NodeFS {
  #onAbort: () => never

  constructor(path: string, onAbort: () => never) {
    super(path)
    this.#onAbort = onAbort
  }

  override async init(...[postgres, options]: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(postgres, options)
    const addFsync = (module: { FS: unknown }) => flushOnFsync(module.FS as FileLayer)
    return {
      emscriptenOpts: {
        ...emscriptenOpts,
        preRun: [...(emscriptenOpts.preRun ?? []), addFsync],
        onAbort: this.#onAbort,
      },
    }
  }
}

function flushOnFsync(layer: FileLayer): void {
  const { tryFSOperation, stream_ops } = layer.filesystems.NODEFS
  stream_ops.fsync = ({ nfd, node }) => {
    const isWal = node.parent.name === 'pg_wal' && !layer.isDir(node.mode)
    tryFSOperation(() => (isWal ? fs.fdatasyncSync(nfd) : fs.fsyncSync(nfd)))
    return 0
  }
}
