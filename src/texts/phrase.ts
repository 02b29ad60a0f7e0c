/** A sentence in pieces, so that a page can mark up some of them: `phrase` + a template with a `<bdi>` in it. */
export type Phrase<Piece> = (string | Piece)[]

export function phrase<Piece>(texts: TemplateStringsArray, ...pieces: Piece[]): Phrase<Piece> {
  return texts.flatMap((text, index) => (index < pieces.length ? [text, pieces[index] as Piece] : [text]))
}
