import { z } from 'zod'
import { catalogue, type SettingName } from './catalogue.ts'

/** What a setting holds, as far as forms and commands need to know. */
export type SettingKind =
  | { is: 'yes-or-no' | 'number' | 'line' | 'text' | 'object' | 'nothing' }
  | { is: 'list'; choices?: readonly string[] }

/** Longer text gets more than one line. */
const longestLine = 500

export function kindOf(name: SettingName): SettingKind {
  const schema: z.ZodType = catalogue[name].schema
  if (schema instanceof z.ZodBoolean) return { is: 'yes-or-no' }
  if (schema instanceof z.ZodNumber) return { is: 'number' }
  if (schema instanceof z.ZodArray) return listOf(schema)
  if (schema instanceof z.ZodNull) return { is: 'nothing' }
  if (!(schema instanceof z.ZodString)) return { is: 'object' }
  return { is: (schema.maxLength ?? 0) > longestLine ? 'text' : 'line' }
}

function listOf({ element }: z.ZodArray): SettingKind {
  return element instanceof z.ZodEnum ? { is: 'list', choices: element.options.map(String) } : { is: 'list' }
}

const words = new Map<string, boolean>([
  ...['true', '1', 'on', 'yes'].map((word) => [word, true] as const),
  ...['false', '0', 'off', 'no', ''].map((word) => [word, false] as const),
])

/**
 * The value that was meant by a text from a form or a command line: `yes`, `12`, `en, de`, `["en"]`. What is no text, or
 * no value of the setting's kind, comes back as it is, to be refused with a reason.
 */
export function readSetting(name: SettingName, given: unknown): unknown {
  if (typeof given !== 'string') return given
  switch (kindOf(name).is) {
    case 'yes-or-no':
      return words.get(given.trim().toLowerCase()) ?? given
    case 'number':
      return /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : given
    case 'list':
      return given.trim().startsWith('[') ? readJson(given) : splitList(given)
    case 'object':
      return readJson(given)
    case 'nothing':
      return given === '' ? null : given
    default:
      return given
  }
}

function splitList(text: string): string[] {
  const items = text.split(',').map((item) => item.trim())
  return items.filter((item) => item !== '')
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
