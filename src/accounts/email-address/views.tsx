import type { PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { Field, Form, PasswordAgain } from '../../http/page-form.tsx'
import { SettingsFrame } from '../../http/settings-frame.tsx'
import { Name } from '../../http/untrusted.tsx'
import { texts } from '../../texts/en.ts'

interface EmailPageProps {
  page: PageContext
  csrfToken: string
  /** The confirmed address. */
  current: string
  /** As typed. */
  email: string
  errors: { email?: string | undefined; password?: string | undefined }
  asksPassword: boolean
  /** Where a link has just been sent to. */
  sentTo?: string | undefined
}

export function EmailPage({ page, csrfToken, current, email, errors, asksPassword, sentTo }: EmailPageProps) {
  const t = texts.emailAddress
  return (
    <SettingsFrame page={page} section="email">
      {sentTo !== undefined && <Notice tone="success">{t.sent(sentTo)}</Notice>}
      <p>
        {t.current(
          <strong>
            <Name>{current}</Name>
          </strong>,
        )}
      </p>
      <p>{t.note}</p>
      <Form action="/settings/email" csrfToken={csrfToken}>
        <Field
          name="email"
          label={t.new}
          type="email"
          autocomplete="email"
          value={email}
          error={errors.email}
          maxlength={254}
        />
        {asksPassword && (
          <PasswordAgain
            label={texts.settings.yourPassword}
            hint={texts.settings.passwordHint}
            error={errors.password}
          />
        )}
        <div class="actions">
          <button type="submit" class="primary">
            {t.submit}
          </button>
        </div>
      </Form>
    </SettingsFrame>
  )
}
