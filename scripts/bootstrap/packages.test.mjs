import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagesAreInstalled } from './packages.mjs';

const react = { version: '19.0.0', integrity: 'sha512-a' };
const forMac = { version: '1.0.0', integrity: 'sha512-b', optional: true };

function checkout(wanted, installed) {
  const root = mkdtempSync(path.join(tmpdir(), 'checkout-'));
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
  if (installed !== undefined) {
    mkdirSync(path.join(root, 'node_modules'));
    writeFileSync(path.join(root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  }
  return root;
}

describe('packagesAreInstalled', () => {
  it('what another npm command has installed counts', () => {
    expect(packagesAreInstalled(checkout({ 'node_modules/react': react }, { 'node_modules/react': react }))).toBe(true);
  });

  it('an optional package may be missing: it is for another kind of machine', () => {
    expect(packagesAreInstalled(checkout({ 'node_modules/mac': forMac }, {}))).toBe(true);
  });

  it.each([
    ['no node_modules', undefined],
    ['a missing package', {}],
    ['another version', { 'node_modules/react': { ...react, version: '18.0.0' } }],
    ['another content', { 'node_modules/react': { ...react, integrity: 'sha512-c' } }],
  ])('%s does not', (_, installed) => {
    expect(packagesAreInstalled(checkout({ 'node_modules/react': react }, installed))).toBe(false);
  });
});
