/** Collects what was expected and what came. */
export class Report {
  failures = 0

  title(text) {
    console.log(`\n${text}`)
  }

  check(promise, holds, detail = '') {
    if (!holds) this.failures += 1
    console.log(`  ${holds ? 'ok   ' : 'WRONG'} ${promise}${detail === '' ? '' : ` (${detail})`}`)
  }
}
