import type pg from 'pg'
import type { Changes } from './changes.ts'

/** The SQLSTATE of what triggers say to the connection on which a change is made. */
const sqlState = 'BL001'

/**
 * Hears what is changed on this connection. It is known before whoever made the change hears that it is done, so that
 * the next request of this process already sees it. Works behind any pooler, as it is part of the answer.
 */
export function hearOwnChanges(client: pg.Client, changes: Changes): void {
  let uncommitted: string[] = []
  const settle = () => {
    const subjects = uncommitted
    uncommitted = []
    for (const subject of subjects) changes.note(subject)
  }
  client.on('notice', ({ code, message }) => {
    if (code === sqlState && message !== undefined) uncommitted.push(message)
  })
  // Idle: the transaction is over. What it rolled back is noted all the same, which does no harm.
  client.connection.on('readyForQuery', ({ status }: { status: string }) => {
    if (uncommitted.length > 0 && status === 'I') settle()
  })
  // Whether a lost connection has committed is not known.
  client.on('end', settle)
}
