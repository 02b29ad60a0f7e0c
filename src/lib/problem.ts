/** HTTP status by kind of refusal. The OAuth kinds are the wire codes of the RFC named beside them. */
const statusByKind = {
  // RFC 6749 §4.1.2.1, §5.2
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  invalid_scope: 400,
  access_denied: 400,
  // RFC 6750 §3.1
  invalid_token: 401,
  insufficient_scope: 403,
  // What clients of the Funkwhale API know besides
  unverified_email: 401,
  account_disabled: 401,
  /** A client's token where a user's is needed. */
  user_required: 403,
  // RFC 7591 §3.2.2
  invalid_redirect_uri: 400,
  invalid_client_metadata: 400,
  // RFC 8628 §3.5
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
  // HTTP
  invalid: 400,
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  unprocessable: 422,
  throttled: 429,
  /** Something of the caller's is broken or gone that should be there. */
  unreadable: 500,
  not_implemented: 501,
  unavailable: 503,
} as const

export type ProblemKind = keyof typeof statusByKind

/** Messages by field; a nested object for a nested field. */
export interface FieldMessages {
  [field: string]: string[] | FieldMessages
}

export interface ProblemDetails {
  /** What is wrong with which field, in the words of the wire. */
  fields?: FieldMessages
  /** What the REST API answers where clients know a shape that no other refusal has. */
  body?: object
  headers?: Record<string, string>
  /** The scope that was needed (RFC 6750 §3). */
  scope?: string
  /** Where an API answers otherwise than its kind usually is. */
  status?: number
  /** For the log only. */
  cause?: unknown
}

/** A refusal the caller may read: the message is public, the cause is for the log. */
export class Problem extends Error {
  readonly kind: ProblemKind
  readonly fields: FieldMessages | undefined
  readonly body: object | undefined
  readonly headers: Record<string, string>
  readonly scope: string | undefined
  readonly status: number

  constructor(kind: ProblemKind, message: string, details: ProblemDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Problem'
    this.kind = kind
    this.fields = details.fields
    this.body = details.body
    this.headers = details.headers ?? {}
    this.scope = details.scope
    this.status = details.status ?? statusByKind[kind]
  }
}

/** @param noun what was looked for, for the log; the answer says only that it is not there. */
export function notFound(noun?: string): Problem {
  return new Problem('not_found', 'Not found.', noun === undefined ? {} : { cause: `no ${noun}` })
}

/** One field is wrong. */
export function invalidField(field: string, message: string): Problem {
  return new Problem('invalid', message, { fields: { [field]: [message] } })
}
