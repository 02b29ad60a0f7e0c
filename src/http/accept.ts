/**
 * Whether a client says by `Accept` that it would rather read JSON than anything else it names or lets pass, which a browser,
 * or who says nothing, does not.
 */
export function prefersJson(accept = ''): boolean {
  return qualityOf(accept, ['application/json']) > qualityOf(accept, ['text/html', 'text/*', '*/*'])
}

/** The quality of the first of these media ranges that is named (RFC 9110 §12.5.1); 0 = none is. */
function qualityOf(accept: string, ranges: string[]): number {
  const named = new Map(accept.toLowerCase().split(',').map(readMediaRange))
  return named.get(ranges.find((range) => named.has(range)) ?? '') ?? 0
}

function readMediaRange(text: string): [range: string, quality: number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return [range, quality === undefined ? 1 : Number(quality.slice(2))]
}
