import { type PermissionTopic, texts } from '../../texts/en.ts'

/** One scope that grants something, and whether it is ticked. */
export interface Permission {
  leaf: string
  checked: boolean
}

export interface PermissionRow {
  base: PermissionTopic
  read?: Permission
  write?: Permission
}

/** The order people read them in. */
const groups = [
  { title: texts.permissionGroups.you, topics: ['identity', 'profile', 'follows', 'notifications', 'applications'] },
  { title: texts.permissionGroups.music, topics: ['libraries', 'playlists', 'favorites', 'listenings', 'radios'] },
  { title: texts.permissionGroups.pod, topics: ['filters', 'edits', 'reports'] },
] as const satisfies { title: string; topics: PermissionTopic[] }[]

export function Permissions({ rows, nothingChosen }: { rows: PermissionRow[]; nothingChosen: boolean }) {
  if (rows.length === 0) return <p>{texts.consent.noPermissions}</p>
  return (
    <section
      class="permissions"
      aria-labelledby="permissions"
      aria-describedby={nothingChosen ? 'nothing-chosen' : undefined}
    >
      <div>
        <h2 id="permissions">{texts.consent.permissions}</h2>
        <p class="hint">{texts.consent.untick}</p>
      </div>
      {groups.map(({ title, topics }) => (
        <Group title={title} rows={topics.flatMap((topic) => rows.filter(({ base }) => base === topic))} />
      ))}
    </section>
  )
}

function Group({ title, rows }: { title: string; rows: PermissionRow[] }) {
  if (rows.length === 0) return null
  return (
    <fieldset>
      <legend>{title}</legend>
      {rows.map((row) => (
        <Topic {...row} />
      ))}
    </fieldset>
  )
}

function Topic({ base, read, write }: PermissionRow) {
  const words: { see: string; change?: string } = texts.permissions[base]
  return (
    <div class="topic">
      {read && <Choice {...read} words={words.see} />}
      {write && words.change && <Choice {...write} words={words.change} />}
    </div>
  )
}

const Choice = ({ leaf, checked, words }: Permission & { words: string }) => (
  <label class="choice">
    <input type="checkbox" name="scopes" value={leaf} checked={checked} />
    <span>{words}</span>
  </label>
)
