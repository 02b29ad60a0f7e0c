/** What a mail says, before it is laid out as text and as HTML. */
export interface MailContent {
  subject: string
  paragraphs: string[]
  /** Below the paragraphs. */
  link?: { label: string; url: string }
  /** Below the link. */
  notes: string[]
}

/** The pod as mails speak of it. */
export interface Pod {
  name: string
  publicUrl: string
}
