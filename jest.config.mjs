// Which tests are there, and what does each size of test need? `*.spec.ts` is pure, `*.int.spec.ts` starts real components,
// `*.e2e.spec.ts` drives the whole platform, `*.sim.spec.ts` is the seeded simulation, `*.chaos.spec.ts` kills real processes.
const size = process.env.TEST_SIZE ?? 'unit';
const patterns = {
  unit: ['<rootDir>/(apps|libs|tools)/**/!(*.int|*.sim|*.chaos).spec.ts'],
  sim: ['<rootDir>/**/*.sim.spec.ts'],
  int: ['<rootDir>/**/*.int.spec.ts'],
  e2e: ['<rootDir>/e2e/**/*.e2e.spec.ts'],
  chaos: ['<rootDir>/e2e/**/*.chaos.spec.ts'],
};

export default {
  testMatch: patterns[size],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  watchPathIgnorePatterns: ['<rootDir>/dist/'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/tools/test/seeds.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^#([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts' },
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.jest.json', diagnostics: false }] },
  testTimeout: size === 'unit' ? 10_000 : 120_000,
};
