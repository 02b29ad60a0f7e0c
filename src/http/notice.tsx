import type { ComponentChildren } from 'preact'

interface NoticeProps {
  /** `error` is announced by screen readers at once. */
  tone: 'error' | 'caution'
  id?: string
  children: ComponentChildren
}

export function Notice({ tone, id, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} {...(id !== undefined && { id })} {...(tone === 'error' && { role: 'alert' })}>
      <p>{children}</p>
    </div>
  )
}
