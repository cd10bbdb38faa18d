import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

interface Suite {
  include: string[];
  /** Files at once. */
  workers: number;
  /** One process for all files of a worker: loading the server takes longer than most of them. */
  together?: boolean;
  seconds: number;
}

const suites: Record<string, Suite> = {
  unit: { include: ['{server,schema,prisma,scripts,web}/**/*.test.{ts,tsx,mjs}'], workers: 2, seconds: 10 },
  integration: { include: ['tests/{integration,conformance}/**/*.test.ts'], workers: 3, together: true, seconds: 60 },
  faults: { include: ['tests/faults/**/*.test.ts'], workers: 2, seconds: 120 },
  model: { include: ['tests/model/**/*.test.ts'], workers: 1, seconds: 120 },
  e2e: { include: ['tests/e2e/**/*.test.ts'], workers: 2, together: true, seconds: 120 },
};

export default defineConfig({
  test: {
    // Once for all suites; the unit tests alone do without.
    globalSetup: ['tests/testkit/postgres.ts'],
    // One suite after the other: what measures or kills processes does not share the machine.
    projects: Object.entries(suites).map(
      ([name, { include, workers, together = false, seconds }], groupOrder): TestProjectInlineConfiguration => ({
        // A developer's .env is for the portal they run, never for the tests.
        envDir: false,
        // graphql 16 is two packages in one: everything must load the one that Node's own `import` finds.
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: {
          name,
          include,
          exclude: ['**/node_modules/**', 'dist/**'],
          maxWorkers: workers,
          isolate: !together,
          testTimeout: seconds * 1000,
          hookTimeout: seconds * 1000,
          // A condition that is waited for may take its time on a busy machine.
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder },
        },
      }),
    ),
  },
});
