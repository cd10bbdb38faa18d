// The faults at length; npm test plays ten rounds of each.
process.env.FAULT_ROUNDS ??= '200';
process.argv.push('--project', 'faults');
await import('./test.mjs');
