import { describe, expect, it } from 'vitest';
import { askFor } from '../../testkit/graph.ts';
import { startPortal } from '../../testkit/portal.ts';
import { rest } from '../../testkit/rest.ts';

interface Template {
  id: string;
  name: string;
  category: string;
  description: string;
  content: string;
  built_in: boolean;
}

const own = { name: 'Chef', category: 'cooking', description: 'Recipes.', content: 'You cook {{dish}}.' };
const list = async (url: string, query = '') => (await rest<Template[]>(url, 'GET', `/prompts/templates${query}`)).body;

describe('prompt templates by REST', () => {
  it('what the graph says of them, REST says too, field by field', async () => {
    const { url } = await startPortal();
    expect((await rest(url, 'POST', '/prompts/templates', own)).status).toBe(201);
    const { promptTemplates } = await askFor<{
      promptTemplates: (Omit<Template, 'built_in'> & { builtIn: boolean })[];
    }>(url, '{ promptTemplates { id name category description content builtIn } }');
    expect(await list(url)).toEqual(promptTemplates.map(({ builtIn, ...rest }) => ({ ...rest, built_in: builtIn })));
    expect(await list(url, '?category=Cooking')).toMatchObject([{ ...own, built_in: false }]);
    expect(await list(url, '?category=nothing')).toEqual([]);
  });

  it('one’s own is created, replaced and deleted', async () => {
    const { url } = await startPortal();
    const { body: created } = await rest<Template>(url, 'POST', '/prompts/templates', own);
    expect(created).toEqual({ ...own, id: created.id, built_in: false });
    const input = { name: 'Cook', category: 'food', content: 'Other.' };
    const changed = await rest(url, 'PUT', `/prompts/templates/${created.id}`, input);
    expect([changed.status, changed.body]).toEqual([
      200,
      { ...input, description: '', id: created.id, built_in: false },
    ]);
    expect((await rest(url, 'DELETE', `/prompts/templates/${created.id}`)).status).toBe(204);
    expect((await rest(url, 'DELETE', `/prompts/templates/${created.id}`)).status).toBe(404);
  });

  it('a session begins from one', async () => {
    const { url } = await startPortal();
    const template = (await list(url)).find(({ name }) => name === 'Debugging Expert');
    const begun = await rest<{ session_id: string }>(url, 'POST', '/sessions', { template_id: template?.id });
    const { body } = await rest<{ system_prompt: string }>(url, 'GET', `/sessions/${begun.body.session_id}`);
    expect(body.system_prompt).toBe(template?.content);
    for (const template_id of [crypto.randomUUID(), 'nonsense']) {
      const { status, body: problem } = await rest(url, 'POST', '/sessions', { template_id });
      expect([status, problem.code, problem.errors?.[0]?.path]).toEqual([422, 'invalid_input', 'template_id']);
    }
    const both = await rest(url, 'POST', '/sessions', { template_id: template?.id, system_prompt: 'Mine' });
    expect([both.status, both.body.errors?.[0]?.path]).toEqual([422, 'template_id']);
  });

  it('what is refused says why', async () => {
    const { url } = await startPortal();
    const [builtIn] = await list(url);
    const answers = [
      await rest(url, 'PUT', `/prompts/templates/${builtIn?.id}`, own),
      await rest(url, 'DELETE', `/prompts/templates/${builtIn?.id}`),
      await rest(url, 'PUT', '/prompts/templates/nonsense', own),
      await rest(url, 'POST', '/prompts/templates', { ...own, name: ' ', content: 'x'.repeat(4001) }),
      await rest(url, 'POST', '/prompts/templates', {}),
      await rest(url, 'PATCH', `/prompts/templates/${builtIn?.id}`, own),
    ];
    expect(answers.map(({ status, body }) => [status, body.code, body.errors?.map(({ path }) => path)])).toEqual([
      [403, 'forbidden', undefined],
      [403, 'forbidden', undefined],
      [404, 'not_found', undefined],
      [422, 'invalid_input', ['name', 'content']],
      [422, 'invalid_input', ['name', 'category', 'content']],
      [405, 'method_not_allowed', undefined],
    ]);
  });
});
