import type { Config } from './config.ts'

/** What `npm start` says once the pod listens. */
export function nextSteps(config: Config, database: 'postgres' | 'embedded', hasUsers: boolean): string {
  const lines = ['', `  Baleen listens at ${config.publicUrl}`]
  if (database === 'embedded') {
    lines.push(
      `  Its data is in ${config.dataDir}, in the embedded database; set DATABASE_URL to use your own PostgreSQL.`,
    )
  }
  if (!hasUsers) {
    lines.push('', '  Nobody has an account here yet. Create yours in another terminal:', '')
    lines.push('    npm run pod -- users create --username alice --email alice@example.org', '')
    lines.push(`  Then log in at ${config.publicUrl}/login`)
  }
  return `${lines.join('\n')}\n\n`
}
