import type { PageContext } from '../../http/layout.tsx'
import { Notice } from '../../http/notice.tsx'
import { Field, Form, TextArea } from '../../http/page-form.tsx'
import { SettingsFrame } from '../../http/settings-frame.tsx'
import { texts } from '../../texts/en.ts'

const t = texts.profile

export interface ProfileForm {
  name: string
  summary: string
  privacyLevel: string
}

interface ProfilePageProps {
  page: PageContext
  csrfToken: string
  form: ProfileForm
  /** Address of the picture, 200 pixels square. */
  avatarUrl?: string | undefined
  errors: Record<string, string | undefined>
  saved: boolean
}

export const ProfilePage = ({ page, csrfToken, form, avatarUrl, errors, saved }: ProfilePageProps) => (
  <SettingsFrame page={page} section="profile">
    {saved && <Notice tone="success">{texts.settings.saved}</Notice>}
    <Form action="/settings" csrfToken={csrfToken} upload>
      <div class="field avatar">
        {avatarUrl !== undefined && <img src={avatarUrl} alt={t.avatarNow} width="96" height="96" />}
        <div>
          <label for="field-avatar">{t.avatar}</label>
          <input
            type="file"
            id="field-avatar"
            name="avatar"
            accept="image/jpeg,image/png,image/webp,image/gif"
            aria-describedby={errors.avatar === undefined ? 'avatar-hint' : 'avatar-hint avatar-error'}
          />
          <p class="hint" id="avatar-hint">
            {t.avatarHint}
          </p>
          {errors.avatar !== undefined && (
            <p class="field-error" id="avatar-error" role="alert">
              {errors.avatar}
            </p>
          )}
        </div>
      </div>
      <Field
        name="name"
        label={t.name}
        hint={t.nameHint}
        value={form.name}
        error={errors.name}
        autocomplete="name"
        maxlength={255}
        optional
      />
      <TextArea
        name="summary"
        label={t.summary}
        hint={t.summaryHint}
        value={form.summary}
        error={errors.summary}
        rows={4}
      />
      <div class="field">
        <label for="field-privacy">{t.privacy}</label>
        <select id="field-privacy" name="privacy_level">
          {Object.entries(t.privacyLevels).map(([level, words]) => (
            <option value={level} selected={level === form.privacyLevel}>
              {words}
            </option>
          ))}
        </select>
      </div>
      <div class="actions">
        <button type="submit" class="primary">
          {texts.settings.save}
        </button>
      </div>
    </Form>
  </SettingsFrame>
)
