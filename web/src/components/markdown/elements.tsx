import type { Token, Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { decodeEntities } from './entities.ts';
import { hostOf, safeHref } from './links.ts';
import { maxDepth } from './parse.ts';

interface Place {
  depth: number;
  /** Whether the block may still change. */
  closed: boolean;
}

/** The elements of parsed Markdown. Text stays text: nothing of it becomes markup, loads, or runs. */
export function Elements({ tokens, place }: { tokens: readonly Token[]; place: Place }): ReactNode {
  if (place.depth > maxDepth) return tokens.map((token) => token.raw).join('');
  // biome-ignore lint/suspicious/noArrayIndexKey: what was parsed from a growing text keeps its places.
  return tokens.map((token, index) => <Fragment key={index}>{elementOf(token, place)}</Fragment>);
}

function elementOf(token: Token, place: Place): ReactNode {
  const inner = (tokens: readonly Token[] | undefined) => (
    <Elements tokens={tokens ?? []} place={{ ...place, depth: place.depth + 1 }} />
  );
  const known = token as Tokens.Generic & Token;
  switch (known.type) {
    case 'heading':
      return <Heading level={known.depth}>{inner(known.tokens)}</Heading>;
    case 'paragraph':
      return <p className="my-3">{inner(known.tokens)}</p>;
    case 'blockquote':
      return <blockquote className="my-3 border-line border-l-3 pl-4 text-ink-soft">{inner(known.tokens)}</blockquote>;
    case 'code':
      return <CodeBlock code={known.text} language={languageOf(known.lang)} closed={place.closed} />;
    case 'list':
      return <List list={known as Tokens.List} place={place} />;
    case 'table':
      return <Table table={known as Tokens.Table} place={place} />;
    case 'hr':
      return <hr className="my-6 border-line" />;
    case 'strong':
      return <strong className="font-semibold">{inner(known.tokens)}</strong>;
    case 'em':
      return <em>{inner(known.tokens)}</em>;
    case 'del':
      return <del>{inner(known.tokens)}</del>;
    case 'codespan':
      return <code className="rounded-md bg-sunken px-1.5 py-0.5 font-mono text-[0.88em]">{known.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <Link href={known.href}>{inner(known.tokens)}</Link>;
    case 'image':
      return <ImageLink href={known.href} text={known.text} />;
    case 'html':
      return /^<br\s*\/?>\s*$/i.test(known.raw) ? <br /> : <Raw block={known.block === true}>{known.raw}</Raw>;
    case 'text':
      return known.tokens === undefined ? decodeEntities(known.text) : inner(known.tokens);
    case 'escape':
      return known.text;
    case 'plain':
      return <Raw block={place.depth === 0}>{known.raw}</Raw>;
    case 'space':
    case 'def':
    case 'checkbox':
      return null;
    default:
      return known.raw;
  }
}

function Heading({ level, children }: { level: number; children: ReactNode }) {
  const sizes = ['text-xl', 'text-lg', 'text-base'];
  const className = `mt-6 mb-2 font-semibold leading-snug first:mt-0 ${sizes[level - 1] ?? 'text-[15px]'}`;
  // The page's own heading is the first level, and models begin with the first or the second as they like.
  if (level <= 2) return <h2 className={className}>{children}</h2>;
  if (level === 3) return <h3 className={className}>{children}</h3>;
  return <h4 className={className}>{children}</h4>;
}

function List({ list, place }: { list: Tokens.List; place: Place }) {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items of a growing list keep their places.
    <li key={index} className={item.task ? 'list-none' : undefined}>
      {item.task && (
        <input
          type="checkbox"
          checked={item.checked ?? false}
          disabled
          aria-label={item.checked ? 'Done' : 'Not done'}
          className="-ml-5 mr-2 accent-(--accent)"
        />
      )}
      <Elements tokens={item.tokens} place={{ ...place, depth: place.depth + 1 }} />
    </li>
  ));
  const className = 'my-3 space-y-1 pl-6 [&_ol]:my-1 [&_p]:my-1.5 [&_ul]:my-1';
  return list.ordered ? (
    <ol start={Number(list.start) || 1} className={`list-decimal ${className}`}>
      {items}
    </ol>
  ) : (
    <ul className={`list-disc ${className}`}>{items}</ul>
  );
}

const aligned = { left: 'text-left', center: 'text-center', right: 'text-right' } as const;

function Table({ table, place }: { table: Tokens.Table; place: Place }) {
  const cell = ({ tokens }: Tokens.TableCell) => (
    <Elements tokens={tokens} place={{ ...place, depth: place.depth + 1 }} />
  );
  const alignOf = (index: number) => aligned[table.align[index] ?? 'left'];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: wide tables are read by scrolling, also without a mouse.
    <section className="my-4 overflow-x-auto rounded-xl border border-line" aria-label="Table" tabIndex={0}>
      <table className="w-full border-collapse text-sm [overflow-wrap:break-word]">
        <thead className="bg-sunken">
          <tr>
            {table.header.map((head, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places.
              <th key={index} scope="col" className={`px-3 py-2 font-semibold ${alignOf(index)}`}>
                {cell(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a growing table keep their places.
            <tr key={rowIndex} className="border-line border-t">
              {row.map((data, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places.
                <td key={index} className={`px-3 py-2 align-top ${alignOf(index)}`}>
                  {cell(data)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const linkClass = 'text-accent underline decoration-1 underline-offset-3 hover:decoration-2';

function Link({ href, children }: { href: string; children: ReactNode }) {
  const safe = safeHref(decodeEntities(href));
  if (safe === null) return children;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer" className={linkClass} title={safe}>
      {children}
    </a>
  );
}

/** Loading a picture would tell its host what is read here: only a reader's own click may. */
function ImageLink({ href, text }: { href: string; text: string }) {
  const safe = safeHref(decodeEntities(href));
  const name = decodeEntities(text) || 'Picture';
  if (safe === null) return name;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer" className={linkClass}>
      {name} (picture at {hostOf(safe)})
    </a>
  );
}

function Raw({ block, children }: { block: boolean; children: string }) {
  return block ? <p className="my-3 whitespace-pre-wrap break-words">{children}</p> : children;
}

/** The first word of a fence's info string; names are short. */
function languageOf(info: unknown): string {
  return typeof info === 'string' ? (info.trim().split(/[\s{,]/)[0] ?? '').slice(0, 24).toLowerCase() : '';
}
