/** Everything the provider stores, as one row of JSON each; prepared statements, and an index for each way to look. */
export async function adapterOn(pool) {
  await pool.query(`
    CREATE TABLE IF NOT EXISTS payloads (
      model text NOT NULL, id text NOT NULL, payload jsonb NOT NULL, grant_id text, uid text, user_code text,
      consumed_at timestamptz, expires_at timestamptz, PRIMARY KEY (model, id));
    CREATE INDEX IF NOT EXISTS payloads_grant ON payloads (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX IF NOT EXISTS payloads_uid ON payloads (uid) WHERE uid IS NOT NULL`)
  const run = (name, text, values) => pool.query({ name, text, values })
  const found = ({ rows: [row] }) => row && { ...row.payload, ...(row.consumed && { consumed: row.consumed }) }
  const columns = `payload, extract(epoch FROM consumed_at)::int AS consumed FROM payloads`

  return class PostgresAdapter {
    constructor(model) {
      this.model = model
    }
    async upsert(id, payload, expiresIn) {
      const { grantId = null, uid = null, userCode = null } = payload
      const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000)
      await run(
        'upsert',
        `INSERT INTO payloads (model, id, payload, grant_id, uid, user_code, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (model, id) DO UPDATE SET payload = $3, grant_id = $4, uid = $5, user_code = $6, expires_at = $7`,
        [this.model, id, payload, grantId, uid, userCode, expiresAt],
      )
    }
    async find(id) {
      return found(
        await run(
          'find',
          `SELECT ${columns} WHERE model = $1 AND id = $2 AND (expires_at IS NULL OR expires_at > $3)`,
          [this.model, id, new Date()],
        ),
      )
    }
    async findByUid(uid) {
      return found(
        await run(
          'uid',
          `SELECT ${columns} WHERE model = $1 AND uid = $2 AND (expires_at IS NULL OR expires_at > $3)`,
          [this.model, uid, new Date()],
        ),
      )
    }
    async findByUserCode(code) {
      return found(await run('user code', `SELECT ${columns} WHERE model = $1 AND user_code = $2`, [this.model, code]))
    }
    async consume(id) {
      await run('consume', 'UPDATE payloads SET consumed_at = $3 WHERE model = $1 AND id = $2', [
        this.model,
        id,
        new Date(),
      ])
    }
    async destroy(id) {
      await run('destroy', 'DELETE FROM payloads WHERE model = $1 AND id = $2', [this.model, id])
    }
    async revokeByGrantId(grantId) {
      await run('revoke', 'DELETE FROM payloads WHERE grant_id = $1', [grantId])
    }
  }
}
