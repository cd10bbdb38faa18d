import type { Cache } from '@urql/exchange-graphcache';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { TemplateParts, Templates } from './documents.ts';

/** A template that was made is listed with the others. */
export function showTemplate(cache: Cache, template: FragmentType<typeof TemplateParts>): void {
  cache.updateQuery({ query: Templates }, (data) => {
    data?.promptTemplates.push(template as never);
    return data;
  });
}

/** A template that was deleted is listed nowhere. */
export function hideTemplate(cache: Cache, id: string): void {
  cache.updateQuery({ query: Templates }, (data) => {
    if (data)
      data.promptTemplates = data.promptTemplates.filter((template) => readFragment(TemplateParts, template).id !== id);
    return data;
  });
}
