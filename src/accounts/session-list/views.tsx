import type { PageContext } from '../../http/layout.tsx'
import { Form } from '../../http/page-form.tsx'
import { SettingsFrame } from '../../http/settings-frame.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'

export interface SessionOnPage {
  key: string
  browser: string
  address: string
  since: string
  lastSeen: string
  isCurrent: boolean
}

interface SessionsProps {
  page: PageContext
  csrfToken: string
  sessions: SessionOnPage[]
}

export function SessionsPage({ page, csrfToken, sessions }: SessionsProps) {
  const t = texts.sessions
  return (
    <SettingsFrame page={page} section="sessions">
      <p>{t.lede}</p>
      <ul class="list">
        {sessions.map((session) => (
          <li>
            <div>
              <strong>
                <Name>{session.browser}</Name> {session.isCurrent && <span class="tag">{t.current}</span>}
              </strong>
              <span class="hint">
                {t.lastSeen} {session.lastSeen} · {t.address} {session.address}
              </span>
              <span class="hint">
                {t.since} {session.since}
              </span>
            </div>
            {!session.isCurrent && (
              <Form action="/settings/sessions" csrfToken={csrfToken}>
                <button type="submit" name="end" value={session.key} aria-label={t.endLabel(session.browser)}>
                  {t.end}
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 && (
        <div class="part">
          <Form action="/settings/sessions" csrfToken={csrfToken}>
            <button type="submit" name="end" value="others" class="danger">
              {t.endOthers}
            </button>
          </Form>
        </div>
      )}
    </SettingsFrame>
  )
}

export interface EventOnPage {
  what: string
  when: string
  from: string
}

interface SecurityProps {
  page: PageContext
  events: EventOnPage[]
  /** Addresses of the pages beside. */
  newer?: string | undefined
  older?: string | undefined
}

export function SecurityPage({ page, events, newer, older }: SecurityProps) {
  const t = texts.security
  return (
    <SettingsFrame page={page} section="security">
      <p>{t.lede}</p>
      {events.length === 0 && <p class="muted">{t.none}</p>}
      <ul class="list">
        {events.map(({ what, when, from }) => (
          <li>
            <div>
              <strong>
                <Name>{what}</Name>
              </strong>
              <span class="hint">
                {when} · <Name>{from}</Name>
              </span>
            </div>
          </li>
        ))}
      </ul>
      <p class="actions">
        {newer !== undefined && (
          <a class="button" href={newer} rel="prev">
            {t.newer}
          </a>
        )}
        {older !== undefined && (
          <a class="button" href={older} rel="next">
            {t.older}
          </a>
        )}
      </p>
    </SettingsFrame>
  )
}
