/** Imports point left: what stands in a row may import its own row and the rows above it, never one below. */
const order = [
  ['lib/', 'texts/', 'throttling.ts', 'environment.ts', 'config.ts'],
  ['db/', 'mail/', 'http/', 'media/', 'audit/', 'backup/', 'jobs/', 'maintenance/', 'metrics/'],
  ['services.ts', 'settings/'],
  ['access/'],
  ['oauth/'],
  ['accounts/'],
  ['api/', 'health/', 'documentation/', 'home/', 'nodeinfo/'],
  ['mastodon/'],
  [
    'app.ts',
    'bare-app.ts',
    'create-services.ts',
    'job-handlers.ts',
    'log.ts',
    'maintenance-tasks.ts',
    'next-steps.ts',
    'tracing.ts',
  ],
  ['server.ts', 'cli.ts', 'cli/'],
]

const anyOf = (parts) => `^src/(${parts.join('|').replaceAll('.', '\\.')})`

const importsPointLeft = order.slice(0, -1).map((row, index) => ({
  name: `${row.map((part) => part.replace(/\/$|\.ts$/, '')).join('-')}-imports-only-what-is-left-of-it`,
  severity: 'error',
  from: { path: anyOf(row) },
  to: { path: anyOf(order.slice(index + 1).flat()) },
}))

const edge = '/(routes\\.ts|pages\\.tsx)$'

module.exports = {
  forbidden: [
    ...importsPointLeft,
    {
      name: 'every-file-has-a-place-in-the-order',
      severity: 'error',
      from: { path: '^src/', pathNot: anyOf(order.flat()) },
      to: {},
    },
    { name: 'no-cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'only-app-imports-routes-and-pages',
      comment: 'To share behaviour, share a domain function.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app\\.ts$' },
      to: { path: `^src/.*${edge}` },
    },
    {
      name: 'routes-and-pages-leave-the-database-alone',
      comment: 'They call domain functions; they may name the type of a row.',
      severity: 'error',
      from: { path: `^src/.*${edge}` },
      to: { path: '^src/db/(?!generated/)' },
    },
    {
      name: 'routes-and-pages-make-no-queries',
      severity: 'error',
      from: { path: `^src/.*${edge}` },
      to: { path: '^src/db/generated/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'oauth2-server-only-in-oauth',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/oauth/' },
      to: { path: 'node_modules/@node-oauth/' },
    },
    {
      name: 'no-dev-dependencies-in-production',
      severity: 'error',
      // Runs only where nothing was built.
      from: { path: '^src/', pathNot: 'worker-from-source\\.mjs$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'product-does-not-need-its-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
    { name: 'imports-exist', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^src/db/generated/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
