// Which mistakes does a machine find before a reader has to?
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

const impure = [
  { object: 'Date', property: 'now', message: 'time is injected: take it in the command or from the edge' },
  { object: 'Math', property: 'random', message: 'randomness is injected' },
  { object: 'crypto', property: 'randomUUID', message: 'ids are made at the edge' },
];
const clock = [{ selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'time is injected: take it in the command or from the edge' }];
const exportStar = [{ selector: 'ExportAllDeclaration', message: 'name what is exported: an index is a table of contents' }];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.nx/', '**/generated/', 'tools/canaries/', '**/*.mjs', '**/*.cjs', 'clients/', 'examples/'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './apps/dashboard/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: ['../../../tools/stack/**'], // real components as processes: for tests, and for a platform that brings its own
          // Only specs use `testing`, and it hands out what they test.
          ignoredCircularDependencies: ['contracts', 'decider', 'layout', 'polyaxonfile', 'event-store', 'messaging', 'storage', 'service-host'].map((lib) => ['testing', lib]),
          enforceBuildableLibDependency: false,
          depConstraints: [
            { sourceTag: 'kind:pure', onlyDependOnLibsWithTags: ['kind:pure', 'kind:testing'], bannedExternalImports: ['@nestjs/*', 'typeorm', 'pg', 'kafkajs', 'minio', '@kubernetes/*', 'fastify', 'ws'] },
            { sourceTag: 'kind:machinery', onlyDependOnLibsWithTags: ['kind:pure', 'kind:machinery', 'kind:testing'] },
            { sourceTag: 'kind:app', onlyDependOnLibsWithTags: ['kind:pure', 'kind:machinery', 'kind:testing'] },
            { sourceTag: 'kind:testing', onlyDependOnLibsWithTags: ['kind:pure', 'kind:machinery', 'kind:testing'] },
          ],
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off', // a port's method is async whether or not this adapter waits
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-base-to-string': 'off', // what users wrote is shown as it is
      '@typescript-eslint/restrict-template-expressions': 'off', // as above
      'no-restricted-syntax': ['error', ...exportStar],
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['warn', { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: [
      'libs/{contracts,decider,layout,polyaxonfile}/src/**/*.ts', 'apps/api-gateway/src/{experiment,project,group/search}/*.ts', 'apps/scheduler/src/run/*.ts',
      'apps/api-gateway/src/retention/decide-*.ts', 'apps/storage-manager/src/outputs/*.ts', 'apps/log-collector/src/logs/*.ts',
    ],
    ignores: [
      '**/*.spec.ts', '**/experiments.ts', '**/projects.ts', '**/worker.ts', '**/*.controller.ts', '**/polyaxonfile-worker*.ts', '**/runs.ts', '**/live-runs.ts',
      '**/requests.ts', '**/outputs-reader.ts', '**/endings.ts',
    ],
    rules: { 'no-restricted-properties': ['error', ...impure], 'no-restricted-syntax': ['error', ...exportStar, ...clock] },
  },
  {
    // A part of the page is a function of its markup: events are handed to it, and promises of its own are nobody's to wait for.
    files: ['apps/dashboard/**/*.tsx'],
    rules: { '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }] },
  },
  {
    files: ['**/*.spec.ts', 'libs/testing/src/contracts/*.ts', 'e2e/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off', // bodies and rows are asserted, not typed
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
