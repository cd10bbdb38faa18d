import { defineConfig } from 'prisma/config';

// The command line looks for a native engine, to download it, even where it runs none: any existing file satisfies it.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
// It would also ask the maker's server for newer versions.
process.env.CHECKPOINT_DISABLE ??= '1';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
