import type { MailAddress } from '../lib/mail-address.ts'

export interface OutgoingMail {
  id: bigint
  from: MailAddress
  to: string
  subject: string
  text: string
  html: string
}

/** As nodemailer takes it: addresses in parts, so that no text in them can become another header or recipient. */
export function messageOf({ from, to, subject, text, html }: OutgoingMail) {
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    // No answering machine need reply (RFC 3834 §5).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  }
}
