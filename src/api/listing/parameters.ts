import { z } from 'zod'
import { parseRowId } from '../../http/row-ids.ts'

// What filters read from a query: of a scalar that is given twice the last value counts, and an empty one is none.

export const textFilter = z.preprocess(lastText, z.string().optional())

/** As `textFilter`, but empty is something that was said. */
export const wordFilter = z.preprocess(lastWord, z.string().optional())

/** True, false or null = explicitly no filter; undefined = not said. What is neither yes nor no is no filter. */
export const yesNoFilter = wordFilter.transform((word) =>
  word === undefined ? undefined : (yesOrNo.get(word.toLowerCase()) ?? null),
)

const yesOrNo = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

export const noSuchChoice = 'Select a valid choice. That choice is not one of the available choices.'

/** A row id; whether there is such a row is for the caller to find out. */
export const rowIdFilter = textFilter.transform((text, context) => {
  const id = text === undefined ? undefined : parseRowId(text)
  if (text === undefined || id !== undefined) return id
  context.addIssue({ code: 'custom', message: /^\d+$/.test(text) ? noSuchChoice : 'Enter a number.' })
  return z.NEVER
})

/** A row id where one that no row can have is no mistake but names nothing. */
export const nameableRowId = textFilter.transform((text, context) => {
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : (parseRowId(text) ?? nobodysId)
  context.addIssue({ code: 'custom', message: 'Enter a number.' })
  return z.NEVER
})

const nobodysId = 0

export const uuidFilter = textFilter.transform((text, context) => {
  const uuid = text?.toLowerCase()
  if (uuid === undefined || uuidPattern.test(uuid)) return uuid
  context.addIssue({ code: 'custom', message: 'Enter a valid UUID.' })
  return z.NEVER
})

/** A uuid where another text is no mistake but names nothing. */
export const nameableUuid = textFilter.transform((text) => {
  const uuid = text?.toLowerCase()
  return uuid === undefined || uuidPattern.test(uuid) ? uuid : nobodysUuid
})

const uuidPattern = /^[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}$/
const nobodysUuid = '00000000-0000-0000-0000-000000000000'

export function choiceFilter<Choice extends string>(choices: readonly Choice[]) {
  return textFilter.transform((text, context): Choice | undefined => {
    const choice = choices.find((one) => one === text)
    if (text === undefined || choice !== undefined) return choice
    context.addIssue({ code: 'custom', message: badChoice(text) })
    return z.NEVER
  })
}

export function badChoice(text: string): string {
  return `Select a valid choice. ${text.slice(0, 50)} is not one of the available choices.`
}

/** A list in any of its notations: `x=a,b`, `x=a&x=b`, and, in a field of that name, `x[]=a&x[]=b`. */
export const listFilter = z.preprocess((value) => {
  const texts = [value ?? []].flat().flatMap((one) => String(one).split(','))
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))]
}, z.array(z.string()))

function lastText(value: unknown): string | undefined {
  return lastWord(value) || undefined
}

function lastWord(value: unknown): string | undefined {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return typeof last === 'string' ? last : undefined
}
