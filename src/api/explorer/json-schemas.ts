import { z } from 'zod'
import { withExamples } from './examples.ts'
import type { JsonSchema } from './json-schema.ts'
import { objectNames } from './object-names.ts'

const named = z.registry<{ id: string }>()
for (const [id, schema] of Object.entries(objectNames)) named.add(schema, { id })

export interface Described {
  schema: JsonSchema
  /** The named schemas it refers to. */
  definitions: Record<string, JsonSchema>
}

/** What goes over the wire for a zod schema, in either direction. */
export function describeSchema(schema: z.ZodType): Described {
  const { $schema, $defs, ...described } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    metadata: named,
    override: ({ zodSchema, jsonSchema }) => {
      describeParsed(zodSchema as unknown as z.ZodType, jsonSchema)
      // The format says it, and every number in JSON has these bounds.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
    },
  }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
  const definitions = Object.fromEntries(
    Object.entries($defs ?? {}).map(([name, definition]) => [name, withoutId(referToComponents(definition))]),
  )
  const name = named.get(schema)?.id
  if (name === undefined) return { schema: withoutId(referToComponents(described)), definitions }
  return {
    schema: { $ref: `#/components/schemas/${name}` },
    definitions: { [name]: withoutId(referToComponents(described)), ...definitions },
  }
}

/** What JSON Schema cannot see through: what is parsed before it is checked; and what a schema says of itself. */
function describeParsed(schema: z.ZodType, described: JsonSchema): void {
  Object.assign(described, z.globalRegistry.get(schema))
  if (schema instanceof z.ZodPipe && schema.in instanceof z.ZodTransform) {
    Object.assign(described, describeSchema(schema.out as z.ZodType).schema)
  } else if (schema instanceof z.ZodObject && Array.isArray(described.required)) {
    const required = described.required.filter((key: string) => !mayBeLeftOut(schema.shape[key]))
    described.required = required.length > 0 ? required : undefined
  }
}

/** Whether something is read where nothing was sent. */
function mayBeLeftOut(schema: z.ZodType | undefined): boolean {
  return schema?.safeParse(undefined).success ?? true
}

function withoutId({ id, ...rest }: JsonSchema): JsonSchema {
  return rest
}

function referToComponents(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(withExamples(schema)), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') : value,
  )
}
