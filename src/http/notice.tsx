import type { ComponentChildren } from 'preact'

const roles = { error: { role: 'alert' }, success: { role: 'status' }, caution: {} } as const

interface NoticeProps {
  /** `error` and `success` are announced by screen readers. */
  tone: 'error' | 'caution' | 'success'
  id?: string
  children: ComponentChildren
}

export function Notice({ tone, id, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} {...(id !== undefined && { id })} {...roles[tone]}>
      <p>{children}</p>
    </div>
  )
}
