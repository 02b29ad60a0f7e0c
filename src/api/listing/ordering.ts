import { invalidField } from '../../lib/problem.ts'
import { badChoice } from './parameters.ts'

export interface Order<Field extends string> {
  field: Field
  isDescending: boolean
}

/** Reads `ordering=a,-b`; names that are not among `fields` are passed over. */
export function readOrdering<Field extends string>(text: string | undefined, fields: readonly Field[]): Order<Field>[] {
  return partsOf(text).flatMap((part) => readPart(part, fields) ?? [])
}

/**
 * Reads `ordering=a,-b`.
 * @throws Problem `invalid` for names that are not among `fields`
 */
export function readStrictOrdering<Field extends string>(
  text: string | undefined,
  fields: readonly Field[],
): Order<Field>[] {
  return partsOf(text).map((part) => {
    const order = readPart(part, fields)
    if (order === undefined) throw invalidField('ordering', badChoice(part))
    return order
  })
}

function partsOf(text: string | undefined): string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim())
  return [...new Set(parts)].filter((part) => part !== '')
}

function readPart<Field extends string>(part: string, fields: readonly Field[]): Order<Field> | undefined {
  const isDescending = part.startsWith('-')
  const name = isDescending ? part.slice(1) : part
  const field = fields.find((one) => one === name)
  return field === undefined ? undefined : { field, isDescending }
}
