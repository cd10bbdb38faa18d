import { describe, expect, it } from 'vitest';
import { createSession, followBySse, readToEnd, send } from '../testkit/chat.ts';
import { openTestDatabase } from '../testkit/database.ts';
import { ask, askFor } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

interface TemplateView {
  id: string;
  name: string;
  category: string;
  description: string;
  content: string;
  builtIn: boolean;
  variables: string[];
}

const fields = 'id name category description content builtIn variables';
const own = {
  name: 'Chef',
  category: 'Cooking',
  description: 'Recipes.',
  content: 'You cook {{dish}} for {{USER_NAME}}.',
};

async function list(url: string, category?: string): Promise<TemplateView[]> {
  const data = await askFor<{ promptTemplates: TemplateView[] }>(
    url,
    `query ($category: String) { promptTemplates(category: $category) { ${fields} } }`,
    { category },
  );
  return data.promptTemplates;
}

async function create(url: string, input: Record<string, unknown> = own): Promise<TemplateView> {
  const data = await askFor<{ createPromptTemplate: TemplateView }>(
    url,
    `mutation ($input: PromptTemplateInput!) { createPromptTemplate(input: $input) { ${fields} } }`,
    { input },
  );
  return data.createPromptTemplate;
}

const update = `mutation ($id: ID!, $input: PromptTemplateInput!) { updatePromptTemplate(id: $id, input: $input) { ${fields} } }`;
const add = 'mutation ($input: PromptTemplateInput!) { createPromptTemplate(input: $input) { id } }';
const remove = 'mutation ($id: ID!) { deletePromptTemplate(id: $id) }';
const begin = 'mutation ($input: CreateSessionInput) { createSession(input: $input) { systemPrompt title } }';

async function refusal(url: string, operation: string, variables: Record<string, unknown>) {
  const { errors } = await ask(url, operation, variables);
  return { code: errors?.[0]?.extensions.code, paths: errors?.[0]?.extensions.errors?.map(({ path }) => path) };
}

async function systemPromptOf(url: string, input: Record<string, unknown>): Promise<string | null> {
  const data = await askFor<{ createSession: { systemPrompt: string | null } }>(url, begin, { input });
  return data.createSession.systemPrompt;
}

describe('prompt templates', () => {
  it('come with the portal, over 13 categories, the same ids in every portal', async () => {
    const [one, other] = [await startPortal(), await startPortal()];
    const templates = await list(one.url);
    expect(templates.length).toBeGreaterThanOrEqual(15);
    expect(new Set(templates.map(({ category }) => category)).size).toBe(13);
    expect(templates.every(({ builtIn }) => builtIn)).toBe(true);
    expect(await list(other.url)).toEqual(templates);
  });

  it('of one’s own are created, listed after the built-in ones, replaced and deleted', async () => {
    const { url } = await startPortal();
    const builtIn = await list(url);
    const created = await create(url);
    expect(created).toEqual({ ...own, id: created.id, builtIn: false, variables: ['dish'] });
    const second = await create(url, { name: 'Baker', category: 'cooking', content: 'You bake.' });
    expect(second.description).toBe('');
    expect(await list(url)).toEqual([...builtIn, second, created]);
    expect(await list(url, 'COOKING')).toEqual([second, created]);
    expect(await list(url, 'philosophy')).toEqual(builtIn.filter(({ category }) => category === 'philosophy'));
    expect(await list(url, 'nothing')).toEqual([]);

    const input = { name: 'Cook', category: 'food', content: 'Other.' };
    expect(await askFor(url, update, { id: created.id, input })).toEqual({
      updatePromptTemplate: { ...input, description: '', id: created.id, builtIn: false, variables: [] },
    });
    expect(await askFor(url, remove, { id: created.id })).toEqual({ deletePromptTemplate: created.id });
    expect(await list(url)).toEqual([...builtIn, second]);
    expect(await refusal(url, remove, { id: created.id })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('that come with the portal are changed by nobody', async () => {
    const { url } = await startPortal();
    const [first] = await list(url);
    expect(await refusal(url, update, { id: first?.id, input: own })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(url, remove, { id: first?.id.toUpperCase() })).toMatchObject({ code: 'FORBIDDEN' });
    expect((await list(url))[0]).toEqual(first);
  });

  it('of another look like those that do not exist, and stay as they are', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const [userId, id] = [crypto.randomUUID(), crypto.randomUUID()];
    await db.user.create({ data: { id: userId, email: 'other@example.org' } });
    await db.promptTemplate.create({ data: { ...own, id, userId, name: 'Theirs' } });
    expect((await list(url)).some(({ builtIn }) => !builtIn)).toBe(false);
    for (const foreign of [id, crypto.randomUUID(), 'nonsense']) {
      expect(await refusal(url, update, { id: foreign, input: own })).toMatchObject({ code: 'NOT_FOUND' });
      expect(await refusal(url, remove, { id: foreign })).toMatchObject({ code: 'NOT_FOUND' });
      expect(await refusal(url, begin, { input: { templateId: foreign } })).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await db.promptTemplate.findMany()).toMatchObject([{ ...own, id, userId, name: 'Theirs' }]);
  });

  it('over their limits are refused, each bad field named', async () => {
    const { url } = await startPortal();
    const longest = {
      name: 'n'.repeat(100),
      category: 'c'.repeat(50),
      description: 'd'.repeat(500),
      content: 'x'.repeat(4000),
    };
    expect(await create(url, longest)).toMatchObject(longest);
    const tooLong = Object.fromEntries(Object.entries(longest).map(([name, text]) => [name, `${text}x`]));
    const paths = ['input.name', 'input.category', 'input.description', 'input.content'];
    expect(await refusal(url, add, { input: tooLong })).toEqual({ code: 'INVALID_INPUT', paths });
    const blank = { name: ' ', category: '', content: '\n' };
    expect(await refusal(url, add, { input: blank })).toEqual({
      code: 'INVALID_INPUT',
      paths: ['input.name', 'input.category', 'input.content'],
    });
    expect((await list(url)).filter(({ builtIn }) => !builtIn)).toHaveLength(1);
  });

  it('are at most 500 of one’s own', async () => {
    const { url, databaseUrl } = await startPortal();
    const db = await openTestDatabase(databaseUrl);
    const { id: userId } = await db.user.findFirstOrThrow();
    const many = Array.from({ length: 500 }, () => ({ ...own, id: crypto.randomUUID(), userId }));
    await db.promptTemplate.createMany({ data: many });
    expect(await refusal(url, add, { input: own })).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a session that begins from a template', () => {
  it('has its text as system prompt, the date of that day in it for good', async () => {
    const { url } = await startPortal();
    const { id } = await create(url, {
      ...own,
      content: 'Today is {{CURRENT_DATE}}. You help {{USER_NAME}} with {{dish}}.',
    });
    const before = new Date();
    const prompt = await systemPromptOf(url, { templateId: id });
    const days = [before, new Date()].map((day) => day.toLocaleDateString('sv'));
    expect(days.map((day) => `Today is ${day}. You help the user with {{dish}}.`)).toContain(prompt);
    await askFor(url, remove, { id });
    const sessions = await askFor<{ sessions: { edges: { node: { systemPrompt: string } }[] } }>(
      url,
      '{ sessions { edges { node { systemPrompt } } } }',
    );
    expect(sessions.sessions.edges[0]?.node.systemPrompt).toBe(prompt);
  });

  it('has the given values in it, which win over built-in ones and are text themselves', async () => {
    const { url } = await startPortal();
    const { id } = await create(url, { ...own, content: '{{CURRENT_TIME}}: {{dish}}, {{ side }}, {{drink}}' });
    const templateValues = [
      { name: 'dish', value: '{{side}}' },
      { name: 'side', value: 'rice' },
      { name: 'CURRENT_TIME', value: 'noon' },
      { name: 'unknown', value: 'x' },
    ];
    expect(await systemPromptOf(url, { templateId: id, templateValues })).toBe('noon: {{side}}, rice, {{drink}}');
    const { promptTemplates } = await askFor<{ promptTemplates: { text: string }[] }>(
      url,
      'query ($values: [PromptTemplateValueInput!]) { promptTemplates(category: "cooking") { text(values: $values) } }',
      { values: templateValues },
    );
    expect(promptTemplates).toEqual([{ text: 'noon: {{side}}, rice, {{drink}}' }]);
  });

  it('is what the model is told first', async () => {
    const { url, engine } = await startPortal();
    const template = (await list(url)).find(({ name }) => name === 'Educator');
    const id = await createSession(url, { templateId: template?.id });
    await readToEnd(followBySse(url, (await send(url, id, 'Why is the sky blue?')).reply.id));
    expect(engine.requests[0]?.messages[0]).toEqual({ role: 'system', content: template?.content });
  });

  it('has either a template or a system prompt, never a longer one than 4,000 characters', async () => {
    const { url } = await startPortal();
    const { id } = await create(url);
    expect(await refusal(url, begin, { input: { templateId: id, systemPrompt: 'Mine' } })).toEqual({
      code: 'INVALID_INPUT',
      paths: ['input.templateId'],
    });
    expect(await systemPromptOf(url, { templateId: id, systemPrompt: ' ' })).toBe('You cook {{dish}} for the user.');
    expect(await systemPromptOf(url, { templateId: null, systemPrompt: 'Mine' })).toBe('Mine');
    for (const [value, path] of [
      ['x'.repeat(4000), 'input.templateValues'],
      ['x'.repeat(4001), 'input.templateValues.0.value'],
    ] as const) {
      const input = { templateId: id, templateValues: [{ name: 'dish', value }] };
      expect(await refusal(url, begin, { input })).toEqual({ code: 'INVALID_INPUT', paths: [path] });
    }
  });
});
