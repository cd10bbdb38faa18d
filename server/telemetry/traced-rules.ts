import { inSpan } from '../spans.ts';

/** The same rules, each call of one a step of the trace under way, named like `replies.send`. What yields over time is left as it is. */
export function traceRules<Rules extends object>(rules: Rules): Rules {
  const traced = Object.entries(rules).map(([name, rule]) => [name, isRule(rule) ? traceRule(name, rule) : rule]);
  return Object.fromEntries(traced) as Rules;
}

type Rule = Record<string, unknown>;

function traceRule(name: string, rule: Rule): Rule {
  return Object.fromEntries(
    Object.entries(rule).map(([method, work]) => [method, isCall(work) ? traceCall(`${name}.${method}`, work) : work]),
  );
}

function traceCall(name: string, work: (...args: unknown[]) => Promise<unknown>) {
  return (...args: unknown[]) => inSpan(name, {}, () => work(...args));
}

function isRule(value: unknown): value is Rule {
  return typeof value === 'object' && value !== null;
}

/** A plain function may answer at once: only what is written as `async` surely does not. */
function isCall(value: unknown): value is (...args: unknown[]) => Promise<unknown> {
  return typeof value === 'function' && value.constructor.name === 'AsyncFunction';
}
