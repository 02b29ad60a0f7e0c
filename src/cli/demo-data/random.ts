import { createHash } from 'node:crypto'

/** Numbers that look random and are the same for the same name. */
export interface Random {
  /** A whole number from 0 to below `end`. */
  upTo(end: number): number
  pick<Item>(items: readonly Item[]): Item
}

export function randomOf(name: string): Random {
  let drawn = 0
  const upTo = (end: number) => {
    drawn += 1
    const bytes = createHash('sha256').update(`${name} ${drawn}`).digest()
    return bytes.readUInt32BE() % end
  }
  return {
    upTo,
    pick: (items) => {
      const item = items[upTo(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
  }
}
