/** What a look at one thing found. */
export interface Finding {
  check: string
  status: 'ok' | 'warning' | 'problem'
  says: string
  /** What to do about it. */
  fix?: string
}

export function ok(check: string, says: string): Finding {
  return { check, status: 'ok', says }
}

export function warning(check: string, says: string, fix: string): Finding {
  return { check, status: 'warning', says, fix }
}

export function problem(check: string, says: string, fix: string): Finding {
  return { check, status: 'problem', says, fix }
}
