import type { PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { OutcomePage } from '../../http/outcome-page.tsx'
import { Field, Form } from '../../http/page-form.tsx'
import { SettingsFrame } from '../../http/settings-frame.tsx'
import { texts } from '../../texts/en.ts'

interface DeleteAccountProps {
  page: PageContext
  csrfToken: string
  errors: { password?: string | undefined; confirm?: string | undefined }
}

export function DeleteAccountPage({ page, csrfToken, errors }: DeleteAccountProps) {
  const t = texts.deleteAccount
  return (
    <SettingsFrame page={page} section="deleteAccount">
      <Notice tone="caution">{t.warning}</Notice>
      <Form action="/settings/delete-account" csrfToken={csrfToken}>
        <Field
          name="password"
          label={texts.settings.yourPassword}
          type="password"
          autocomplete="current-password"
          error={errors.password}
        />
        <div>
          <label class="choice">
            <input type="checkbox" name="confirm" value="yes" />
            <span>{t.confirm}</span>
          </label>
          {errors.confirm !== undefined && (
            <p class="field-error" role="alert">
              {errors.confirm}
            </p>
          )}
        </div>
        <div class="actions">
          <button type="submit" class="danger">
            {t.submit}
          </button>
        </div>
      </Form>
    </SettingsFrame>
  )
}

export const AccountDeletedPage = ({ page }: { page: PageContext }) => (
  <OutcomePage page={page} title={texts.deleteAccount.done}>
    <p>{texts.deleteAccount.doneNote}</p>
  </OutcomePage>
)
