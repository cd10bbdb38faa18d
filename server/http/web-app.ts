import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PortalError } from '../errors.ts';

interface Options {
  /** Where the built web app lies. */
  dir: string;
  /** False until the portal can answer; a page then says so and looks again. */
  ready: () => boolean;
}

const startingPage = `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="1">
<title>PocketLLM Portal</title><p>The portal is starting. This page opens it as soon as it is ready.</p></html>`;

/** The built web app: hashed files for ever, its one page at every address that is not a file. */
export async function registerWebApp(app: FastifyInstance, { dir, ready }: Options): Promise<void> {
  const page = path.join(dir, 'index.html');
  if (existsSync(page)) {
    await app.register(fastifyStatic, {
      root: dir,
      index: false,
      wildcard: false,
      setHeaders: (reply, file) => {
        const hashed = file.startsWith(path.join(dir, 'assets'));
        reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }

  app.setNotFoundHandler(async (request, reply) => {
    const { pathname } = new URL(request.url, 'http://portal');
    if (request.method !== 'GET' && app.hasRoute({ method: 'GET', url: pathname })) {
      reply.header('allow', 'GET');
      throw new PortalError('method_not_allowed', `${pathname} is asked by GET.`);
    }
    const nothing = new PortalError('not_found', `There is nothing at ${request.url.split('?')[0]}.`);
    if (request.method !== 'GET' || !request.headers.accept?.includes('text/html')) throw nothing;
    if (!ready()) {
      return reply.status(503).header('retry-after', '1').type('text/html; charset=utf-8').send(startingPage);
    }
    if (!existsSync(page)) throw nothing;
    return reply.header('cache-control', 'no-cache').sendFile('index.html', dir);
  });
}
