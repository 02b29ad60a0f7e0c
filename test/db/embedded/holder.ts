import { openDatabase } from '../../../src/db/database.ts'
import { lockDataDir } from '../../../src/db/embedded/data-dir-lock.ts'
import { startEmbeddedDatabase } from '../../../src/db/embedded/embedded-database.ts'
import { migrateDatabase } from '../../../src/db/migrations.ts'

/** A process that has the data folder, writes rows and says which are committed, until it is killed. */
const [dataDir = '', template = ''] = process.argv.slice(2)
lockDataDir(dataDir, 'pod')
const embedded = await startEmbeddedDatabase({ dataDir, template })
await migrateDatabase(embedded.connection)
const db = openDatabase(embedded.connection)
for (let row = 0; ; row += 1) {
  await db.podSecret.create({ data: { name: `row ${row}`, value: Uint8Array.of(1), createdAt: new Date() } })
  process.stdout.write(`${row}\n`)
}
