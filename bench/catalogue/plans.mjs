import pg from 'pg'

/** From 10,000 rows on a table is big. */
const bigTables = ['albums', 'tracks', 'uploads', 'attachments', 'listenings', 'favorites', 'track_tags', 'album_tags']

/** From now on new connections write the plan of every statement to the server's log. */
export async function explainEverything(url) {
  const client = new pg.Client(url)
  await client.connect()
  for (const [name, value] of Object.entries({
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_format': 'json',
  })) {
    await client.query(`ALTER DATABASE postgres SET ${name} = '${value}'`)
  }
  await client.end()
}

/** Big tables that a plan in the log reads from end to end, each with the statement. */
export function sequentialScans(log) {
  const plans = [...log.matchAll(/plan:\s*(\{[\s\S]*?\n\t\})/g)].map(([, text]) => JSON.parse(text))
  if (plans.length === 0) throw new Error('The server has not explained anything')
  return plans.flatMap((plan) => scansIn(plan.Plan).map((table) => ({ table, statement: plan['Query Text'] })))
}

function scansIn(node) {
  const here =
    node['Node Type'] === 'Seq Scan' && bigTables.includes(node['Relation Name']) ? [node['Relation Name']] : []
  return [...here, ...(node.Plans ?? []).flatMap(scansIn)]
}
