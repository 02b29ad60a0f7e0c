import { texts } from '../texts/en.ts'

interface CopyableProps {
  /** Unique on the page. */
  id: string
  value: string
  /** What the value is, for the copy button of a screen reader. */
  label: string
  size?: 'large' | 'normal'
}

/** A value to take elsewhere: one click selects it whole; with script there is a copy button too. */
export function Copyable({ id, value, label, size = 'normal' }: CopyableProps) {
  return (
    <div class={`copyable ${size}`}>
      <code id={id}>{value}</code>
      <button
        type="button"
        class="quiet"
        data-copy={id}
        data-done={texts.copy.done}
        aria-label={`${texts.copy.button}: ${label}`}
        hidden
      >
        {texts.copy.button}
      </button>
      <span class="visually-hidden" role="status" />
    </div>
  )
}
