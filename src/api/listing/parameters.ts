import { z } from 'zod'
import { parseRowId } from '../../http/row-ids.ts'

// What filters read from a query: of a scalar that is given twice the last value counts, and an empty one is none.

export const textFilter = z.unknown().transform((value) => lastText(value))

/** True, false or null = explicitly no filter; undefined = not said. What is neither yes nor no is no filter. */
export const yesNoFilter = z.unknown().transform((value) => {
  if (value === undefined) return undefined
  const word = lastText(value)?.toLowerCase() ?? ''
  return yesOrNo.get(word) ?? null
})

const yesOrNo = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** A row id; whether there is such a row is for the caller to find out. */
export const rowIdFilter = z.unknown().transform((value, context) => {
  const text = lastText(value)
  const id = text === undefined ? undefined : parseRowId(text)
  if (text === undefined || id !== undefined) return id
  context.addIssue({ code: 'custom', message: /^\d+$/.test(text) ? noSuchChoice : 'Enter a number.' })
  return z.NEVER
})

export const noSuchChoice = 'Select a valid choice. That choice is not one of the available choices.'

export const uuidFilter = z.unknown().transform((value, context) => {
  const text = lastText(value)?.toLowerCase()
  if (text === undefined || uuidPattern.test(text)) return text
  context.addIssue({ code: 'custom', message: 'Enter a valid UUID.' })
  return z.NEVER
})

/** A uuid where another text is no mistake but names nothing. */
export const nameableUuid = z.unknown().transform((value) => {
  const text = lastText(value)?.toLowerCase()
  if (text === undefined) return undefined
  return uuidPattern.test(text) ? text : nobodysUuid
})

const uuidPattern = /^[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/
const nobodysUuid = '00000000-0000-0000-0000-000000000000'

export function choiceFilter<Choice extends string>(choices: readonly Choice[]) {
  return z.unknown().transform((value, context): Choice | undefined => {
    const text = lastText(value)
    const choice = choices.find((one) => one === text)
    if (text === undefined || choice !== undefined) return choice
    const shown = text.slice(0, 50)
    context.addIssue({
      code: 'custom',
      message: `Select a valid choice. ${shown} is not one of the available choices.`,
    })
    return z.NEVER
  })
}

/** A list in any of its notations: `x=a,b`, `x=a&x=b`, and, in a field of that name, `x[]=a&x[]=b`. */
export const listFilter = z.unknown().transform((value) => {
  const texts = [value ?? []].flat().flatMap((one) => String(one).split(','))
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))]
})

/** Both notations of a list together. */
export function bothLists(plain: string[], bracketed: string[]): string[] {
  return [...new Set([...plain, ...bracketed])]
}

function lastText(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' && last !== '' ? last : undefined
}
