import { texts } from '../../../texts/en.ts'

type Topic = keyof typeof texts.applications.topics

const verbs = ['read', 'write'] as const

/** Two columns of boxes; `read` and `write` themselves stand for all of theirs. */
export function ScopeTable({ chosen, error }: { chosen: string[]; error?: string | undefined }) {
  const t = texts.applications
  const topics = Object.entries(t.topics) as [Topic, string][]
  return (
    <table class="scopes" aria-describedby={error === undefined ? undefined : 'scopes-error'}>
      <caption>
        {t.scopes}
        <p class="hint">{t.scopesHint}</p>
        {error !== undefined && (
          <p class="field-error" id="scopes-error" role="alert">
            {error}
          </p>
        )}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t.topic}</th>
          <th scope="col">{t.read}</th>
          <th scope="col">{t.write}</th>
        </tr>
      </thead>
      <tbody>
        <Row label={t.everything} names={[...verbs]} chosen={chosen} />
      </tbody>
      <tbody>
        {topics.map(([topic, label]) => (
          <Row label={label} names={verbs.map((verb) => `${verb}:${topic}`)} chosen={chosen} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ label, names, chosen }: { label: string; names: string[]; chosen: string[] }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      {names.map((name, at) => (
        <td>
          <label>
            <input type="checkbox" name="scopes" value={name} checked={chosen.includes(name)} />
            <span class="visually-hidden">
              {at === 0 ? texts.applications.read : texts.applications.write}: {label}
            </span>
          </label>
        </td>
      ))}
    </tr>
  )
}
