import { z } from 'zod'
import { Problem } from '../../lib/problem.ts'
import { catalogue, type SettingName } from '../../settings/catalogue.ts'
import { kindOf, readSetting, type SettingKind } from '../../settings/setting-kinds.ts'
import { isSettingName, type Settings } from '../../settings/settings.ts'

/** A setting as clients of the Funkwhale API know it, with what they need to draw a form. */
export const setting = z.object({
  section: z.string(),
  name: z.string(),
  identifier: z.string(),
  default: z.unknown(),
  value: z.unknown(),
  verbose_name: z.string(),
  help_text: z.string(),
  additional_data: z.object({ choices: z.array(z.array(z.string())).optional() }),
  field: z.object({
    class: z.string(),
    widget: z.object({ class: z.string() }),
    input_type: z.string().nullable(),
  }),
})

/** By section, then by name. */
export const settingNames = (Object.keys(catalogue) as SettingName[]).sort((a, b) => {
  const [first, second] = [splitName(a).join(' '), splitName(b).join(' ')]
  return first < second ? -1 : 1
})

export const publicSettingNames = settingNames.filter((name) => catalogue[name].isPublic)

function splitName(identifier: SettingName): [section: string, name: string] {
  const [section = '', name = ''] = identifier.split('__')
  return [section, name]
}

export function isInSection(identifier: SettingName, section: string | undefined): boolean {
  return section === undefined || splitName(identifier)[0] === section
}

export function representSetting(settings: Settings, identifier: SettingName): z.output<typeof setting> {
  const { default: usual, label, help } = catalogue[identifier]
  const [section, name] = splitName(identifier)
  const kind = kindOf(identifier)
  return {
    section,
    name,
    identifier,
    default: usual,
    value: settings.get(identifier),
    verbose_name: label,
    help_text: help,
    additional_data: kind.is === 'list' && kind.choices !== undefined ? { choices: kind.choices.map(labelled) } : {},
    field: fields[kind.is],
  }
}

function labelled(choice: string): [string, string] {
  const words = choice.replaceAll('_', ' ')
  return [choice, words.charAt(0).toUpperCase() + words.slice(1)]
}

/** Funkwhale names the classes of its own form library. */
const fields: Record<SettingKind['is'], z.output<typeof setting>['field']> = {
  'yes-or-no': field('BooleanField', 'CheckboxInput', 'checkbox'),
  number: field('IntegerField', 'NumberInput', 'number'),
  line: field('CharField', 'TextInput', 'text'),
  text: field('CharField', 'Textarea', null),
  object: field('CharField', 'Textarea', null),
  list: field('MultipleChoiceField', 'SelectMultiple', 'select'),
  nothing: field('ImageField', 'ClearableFileInput', 'file'),
}

function field(className: string, widget: string, inputType: string | null) {
  return { class: className, widget: { class: widget }, input_type: inputType }
}

/**
 * Changes settings, or none; texts stand for the values that are meant.
 * @throws Problem `invalid` with messages by identifier
 */
export async function changeSettings(settings: Settings, given: Record<string, unknown>): Promise<SettingName[]> {
  const read = Object.entries(given).map(([name, value]) => [
    name,
    isSettingName(name) ? readSetting(name, value) : value,
  ])
  await settings.change(Object.fromEntries(read))
  return Object.keys(given).filter(isSettingName)
}

/** @throws Problem `invalid` naming `value` */
export async function changeSetting(settings: Settings, name: SettingName, value: unknown): Promise<void> {
  try {
    await changeSettings(settings, { [name]: value })
  } catch (error) {
    const fields = error instanceof Problem ? error.fields?.[name] : undefined
    if (fields === undefined || Array.isArray(fields)) throw error
    throw new Problem('invalid', 'Invalid setting.', { fields })
  }
}
