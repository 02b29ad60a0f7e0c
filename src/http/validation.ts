import type { FastifyRequest, FastifySchemaCompiler } from 'fastify'
import type { $ZodIssue, $ZodIssueTooBig, $ZodIssueTooSmall, $ZodType } from 'zod/v4/core'
import { safeDecode } from 'zod/v4/core'
import { type FieldMessages, Problem } from '../lib/problem.ts'

/** The key for what concerns no single field; the wire's word for it. */
export const wholeBody = 'non_field_errors'

/**
 * Checks what came in against a zod schema. A refusal is a Problem `invalid` with messages by field, worded as clients of
 * the Funkwhale API know them.
 */
export const validatorCompiler: FastifySchemaCompiler<$ZodType> =
  ({ schema }) =>
  (data) => {
    const result = safeDecode(schema, data, { reportInput: true })
    return result.success ? { value: result.data } : { error: invalidInput(result.error.issues) }
  }

/**
 * For routes with `attachValidation`: what is not the caller's is not there, whatever else is wrong with the request.
 * @throws what `requireOwn` throws, else the Problem `invalid`
 */
export async function refuseInvalid(
  { validationError }: FastifyRequest,
  requireOwn: () => Promise<unknown>,
): Promise<void> {
  if (validationError === undefined) return
  await requireOwn()
  throw validationError
}

/** Issues of zod as a Problem `invalid`, in the order in which the schema names the fields. */
function invalidInput(issues: readonly $ZodIssue[]): Problem {
  const fields: FieldMessages = {}
  for (const issue of issues) addMessage(fields, issue.path.map(String), wordIssue(issue))
  return new Problem('invalid', 'Invalid input.', { fields })
}

function addMessage(fields: FieldMessages, path: string[], message: string): void {
  const [first = wholeBody, ...rest] = path
  const here = Object.hasOwn(fields, first) ? fields[first] : undefined
  if (rest.length > 0 && !/^\d+$/.test(rest[0] ?? '') && !Array.isArray(here)) {
    const nested = here ?? {}
    define(fields, first, nested)
    addMessage(nested, rest, message)
  } else if (Array.isArray(here)) {
    if (!here.includes(message)) here.push(message)
  } else if (here === undefined) define(fields, first, [message])
}

/** Also right for a field that is named `__proto__`. */
function define(fields: FieldMessages, name: string, value: string[] | FieldMessages): void {
  Object.defineProperty(fields, name, { value, enumerable: true, writable: true, configurable: true })
}

/** What is wrong, as clients know it; of an issue that holds its input. */
export function wordIssue(issue: $ZodIssue): string {
  const value = issue.input
  if (issue.path.length === 0 && issue.code === 'invalid_type') {
    return `Invalid data. Expected a dictionary, but got ${describeType(value)}.`
  }
  if (issue.code === 'custom') return issue.message
  if (value === undefined) return 'This field is required.'
  if (value === null) return 'This field may not be null.'
  return wordValueIssue(issue, value)
}

function wordValueIssue(issue: $ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return wordTypeIssue(issue.expected)
    case 'too_small':
      return wordTooSmall(issue)
    case 'too_big':
      return wordTooBig(issue)
    case 'invalid_format':
      return issue.format === 'email' ? 'Enter a valid email address.' : issue.message
    case 'invalid_value':
      return `"${shorten(value)}" is not a valid choice.`
    case 'invalid_union':
      return Array.isArray(value) ? 'Not a valid list.' : 'Not a valid string.'
    default:
      return issue.message
  }
}

function wordTooSmall({ origin, minimum, message }: $ZodIssueTooSmall): string {
  if (origin === 'number') return `Ensure this value is greater than or equal to ${minimum}.`
  if (minimum !== 1) return message
  // A trimmed text of blanks is still here as it was sent.
  if (origin === 'string') return 'This field may not be blank.'
  return origin === 'array' ? 'This list may not be empty.' : message
}

function wordTooBig({ origin, maximum, message }: $ZodIssueTooBig): string {
  if (origin === 'number') return `Ensure this value is less than or equal to ${maximum}.`
  if (origin === 'string') return `Ensure this field has no more than ${maximum} characters.`
  return origin === 'array' ? `Ensure this field has no more than ${maximum} elements.` : message
}

function wordTypeIssue(expected: string): string {
  if (expected === 'string') return 'Not a valid string.'
  if (expected === 'array') return 'Expected a list of items.'
  if (expected === 'object' || expected === 'record') return 'Expected a dictionary.'
  if (expected === 'boolean') return 'Must be a valid boolean.'
  return 'A valid number is required.'
}

function describeType(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  return value === null || value === undefined ? 'nothing' : typeof value
}

function shorten(value: unknown): string {
  return String(value).slice(0, 50)
}
