import { createServer, type Server, type Socket } from 'node:net'
import type { PGlite } from '@electric-sql/pglite'
import { type Round, RoundReader } from './protocol-rounds.ts'
import type { TurnQueue } from './turn-queue.ts'

/**
 * Speaks PostgreSQL's protocol on a unix socket. All connections share PGlite's one session: they take turns, and an
 * open transaction keeps the turn, but settings and names of prepared statements are common.
 */
export async function listen(postgres: PGlite, turns: TurnQueue, path: string): Promise<{ close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => {
      sockets.delete(socket)
      turns.withdraw(socket)
      turns.add(socket, () => leaveSession(postgres, sockets.size === 0))
    })
    readRounds(socket, (round) => turns.add(socket, () => play(postgres, round, socket, sockets)))
  })
  await startListening(server, path)
  return {
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

type RoundWithBytes = Extract<Round, { bytes: Buffer }>

function startListening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
}

function readRounds(socket: Socket, onRound: (round: RoundWithBytes) => void): void {
  const reader = new RoundReader()
  const take = (round: Round) => {
    if ('bytes' in round) onRound(round)
    else if (round.kind === 'encryption') socket.write('N')
    else socket.end()
  }
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    try {
      for (const round of reader.read(chunk)) take(round)
    } catch {
      socket.destroy()
    }
  })
}

async function play(postgres: PGlite, round: RoundWithBytes, socket: Socket, sockets: Set<Socket>): Promise<boolean> {
  const answer = await run(postgres, round.bytes).catch((error) => {
    if (round.kind !== 'startup') throw error
    socket.destroy()
    return Buffer.alloc(0)
  })
  if (answer.length > 0) socket.write(answer)
  for (const notification of notificationsIn(answer)) {
    for (const other of sockets) if (other !== socket) other.write(notification)
  }
  return round.kind === 'part' || postgres.isInTransaction()
}

async function run(postgres: PGlite, bytes: Buffer): Promise<Buffer> {
  const answer: Buffer[] = []
  // The bytes given are a view of memory that PostgreSQL uses again.
  await postgres.execProtocolRawStream(bytes, { syncToFs: false, onRawData: (part) => answer.push(Buffer.from(part)) })
  return Buffer.concat(answer)
}

/** NOTIFY reaches the one session there is; every connection may be the one that listens. */
function* notificationsIn(answer: Buffer): Generator<Buffer> {
  for (let at = 0; at < answer.length; ) {
    const end = at + 1 + answer.readInt32BE(at + 1)
    if (answer[at] === 'A'.charCodeAt(0)) yield answer.subarray(at, end)
    at = end
  }
}

const sync = Buffer.from([...Buffer.from('S'), 0, 0, 0, 4])

/** Ends what a connection left open, and, after the last one, what it set. */
async function leaveSession(postgres: PGlite, isLast: boolean): Promise<false> {
  await run(postgres, sync)
  if (postgres.isInTransaction()) await postgres.exec('ROLLBACK')
  if (isLast) await postgres.exec('DISCARD ALL')
  return false
}
