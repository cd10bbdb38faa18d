/** Of a file name without its extension, in UTF-8: with the extension well below the 255 of every file system. */
const maxBytes = 180;
/** Names that Windows keeps for devices. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * `Content-Disposition` (RFC 6266) of a download: the name in UTF-8 (RFC 8187), and in ASCII for what cannot read that. Of
 * any text it makes a name that is safe on every file system: no path, no control characters, no text that runs backwards.
 */
export function attachment(name: string): string {
  const extension = /\.[a-z]+$/.exec(name)?.[0] ?? '';
  const base = safeName(name.slice(0, name.length - extension.length));
  const ascii = base.normalize('NFKD').replaceAll(/[^A-Za-z0-9 ._-]+/g, '_');
  const encoded = encodeURIComponent(base).replaceAll(/[!'()*]/g, percentEncoded);
  return `attachment; filename="${ascii}${extension}"; filename*=UTF-8''${encoded}${extension}`;
}

function safeName(text: string): string {
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replaceAll(/[/\\:*?"<>|%]/g, '_')
    .replaceAll(/\s+/g, ' ');
  let name = '';
  let bytes = 0;
  for (const character of plain) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    name += character;
  }
  name = name.replace(/^[. ]+/, '').replace(/[. ]+$/, '');
  return name === '' || reserved.test(name) ? `Conversation${name === '' ? '' : ` ${name}`}` : name;
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
