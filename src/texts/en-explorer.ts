import { phrase } from './phrase.ts'

export const explorerTexts = {
  title: 'API explorer',
  intro: <Piece>(json: Piece, yaml: Piece) =>
    phrase`Every address of this pod, to read and to try. Press “Authorize” to try it with your own account. The same for programs: ${json}, also as ${yaml}.`,
  needsScript: 'The explorer needs JavaScript; the description above does not.',
}
