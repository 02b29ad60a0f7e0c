import type { PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { SettingsFrame } from '../../http/settings-frame.tsx'
import { texts } from '../../texts/en.ts'

interface PasswordChangeProps {
  page: PageContext
  csrfToken: string
  /** For password managers. */
  username: string
  /** What is wrong, by field. */
  errors: { old_password?: string | undefined; new_password2?: string | undefined }
  saved: boolean
}

export function PasswordChangePage({ page, csrfToken, username, errors, saved }: PasswordChangeProps) {
  const t = texts.passwordChange
  return (
    <SettingsFrame page={page} section="password">
      {saved && <Notice tone="success">{t.done}</Notice>}
      <p>{t.note}</p>
      <Form action="/settings/password" csrfToken={csrfToken}>
        <input type="text" name="username" value={username} autocomplete="username" hidden readonly />
        <Field
          name="old_password"
          label={t.old}
          type="password"
          autocomplete="current-password"
          error={errors.old_password}
        />
        <Field
          name="new_password1"
          label={t.new}
          type="password"
          autocomplete="new-password"
          hint={t.hint}
          error={errors.new_password2}
        />
        <Field name="new_password2" label={t.newAgain} type="password" autocomplete="new-password" />
        <div class="actions">
          <button type="submit" class="primary">
            {t.submit}
          </button>
        </div>
      </Form>
    </SettingsFrame>
  )
}
