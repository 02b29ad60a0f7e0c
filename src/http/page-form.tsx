import type { ComponentChildren, InputHTMLAttributes } from 'preact'

interface FormProps {
  action: string
  /** Ties the form to the visitor's session. */
  csrfToken: string
  /** The form sends a file. */
  upload?: boolean
  children: ComponentChildren
}

export function Form({ action, csrfToken, upload = false, children }: FormProps) {
  return (
    <form method="post" action={action} {...(upload && { enctype: 'multipart/form-data' })}>
      <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken} />
      {children}
    </form>
  )
}

/** As objects, since the types of an input's attributes depend on a literal `type`. */
const inputTypes = { text: { type: 'text' }, password: { type: 'password' }, email: { type: 'email' } } as const

interface FieldProps extends Pick<InputHTMLAttributes, 'autocomplete' | 'inputmode' | 'maxlength' | 'class'> {
  name: string
  label: string
  type?: keyof typeof inputTypes
  value?: string
  hint?: string
  /** What is wrong with this field. */
  error?: string | undefined
  /** The id of a message elsewhere on the page that says what is wrong. */
  errorId?: string | undefined
  autofocus?: boolean
  optional?: boolean
}

/** A labelled text input, required unless it is optional. What is typed in it is never corrected or capitalised by the device. */
export function Field({ name, label, type = 'text', hint, error, errorId, optional = false, ...input }: FieldProps) {
  const id = `field-${name}`
  const wrong = error !== undefined || errorId !== undefined
  const descriptions = [error && `${id}-error`, errorId, hint && `${id}-hint`].filter(Boolean)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...inputTypes[type]}
        {...input}
        id={id}
        name={name}
        required={!optional}
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={wrong ? 'true' : undefined}
        aria-describedby={descriptions.length > 0 ? descriptions.join(' ') : undefined}
      />
      {error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

interface TextAreaProps {
  name: string
  label: string
  value: string
  rows: number
  hint?: string
  error?: string | undefined
}

/** A labelled text input of several lines. */
export function TextArea({ name, label, value, rows, hint, error }: TextAreaProps) {
  const id = `field-${name}`
  const descriptions = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        rows={rows}
        autocapitalize="none"
        spellcheck={false}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={descriptions.length > 0 ? descriptions.join(' ') : undefined}
      >
        {value}
      </textarea>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  )
}

/** Asks for the password again before something dangerous; nothing when it was given just now. */
export function PasswordAgain({ label, hint, error }: { label: string; hint: string; error?: string | undefined }) {
  return (
    <Field name="password" label={label} hint={hint} error={error} type="password" autocomplete="current-password" />
  )
}
