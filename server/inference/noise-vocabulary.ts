/**
 * A byte-level vocabulary that is made, not learned: the 256 bytes, short English words, syllables, and a few characters
 * of several bytes. Every token beyond the bytes is the merge of two earlier ones, so that text is really tokenised.
 */
export interface NoiseVocabulary {
  /** In the spelling of GPT-2's byte-level tokenizer, in the order of their ids. */
  tokens: string[];
  /** llama.cpp's token types: 1 ordinary, 3 control. */
  tokenTypes: number[];
  merges: string[];
  kinds: TokenKind[];
  startOfTurn: number;
  endOfTurn: number;
  endOfText: number;
}

/**
 * `syllable` goes on with a word, `piece` is the middle of a merge, `lead` the first three bytes of an emoji, `continuation` a byte that may end one,
 * `byte` any other that is not plain ASCII.
 */
export type TokenKind = 'word' | 'syllable' | 'punctuation' | 'piece' | 'lead' | 'continuation' | 'byte' | 'control';

/** Fewer do not hold the bytes, the characters and the control tokens. */
export const smallestVocabulary = 512;

const words =
  'the of and to in is it you that he was for on are with as his they be at one have this from or had by hot but some ' +
  'what there we can out other were all your when up use word how said an each she which do their time if will way about ' +
  'many then them would write like so these her long make thing see him two has look more day could go come did my sound ' +
  'no most number who over know water than call first people may down side been now find any new work part take get place ' +
  'made live where after back little only round man year came show every good me give our under name very through just';
const wholeCharacters = ['é', 'ü', 'ñ', '–', '“', '”', '你', '好', '世', '界', '字', 'あ', 'ア', '한'];
const emojiLead = [0xf0, 0x9f, 0x98];
const consonants = ['b', 'd', 'f', 'g', 'h', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'w', 'st', 'tr', 'br', 'ch', 'sh'];
const vowels = ['a', 'e', 'i', 'o', 'u', 'ai', 'ea', 'oo'];
const endings = ['n', 'r', 's', 't', 'l', 'm', 'd', 'nd', 'st', 'ng', 'ck', 'p', 'x', 'y', ''];
const controls = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];

/** The same size gives the same vocabulary. */
export function buildNoiseVocabulary(size: number): NoiseVocabulary {
  const spelling = byteSpelling();
  const tokens = [...spelling];
  const kinds: TokenKind[] = tokens.map((_, byte) => kindOfByte(byte));
  const merges: string[] = [];
  const known = new Set(tokens);
  const room = size - controls.length;

  /** Adds the token that two known ones merge to; false where nothing more fits. */
  const add = (left: string, right: string, kind: TokenKind): boolean => {
    if (known.has(left + right)) return true;
    if (tokens.length >= room) return false;
    known.add(left + right);
    tokens.push(left + right);
    merges.push(`${left} ${right}`);
    kinds.push(kind);
    return true;
  };
  const addWhole = (parts: readonly string[], kind: TokenKind): boolean => {
    let text = parts[0] ?? '';
    return parts.slice(1).every((part, index) => {
      const left = text;
      text += part;
      return add(left, part, index === parts.length - 2 ? kind : 'piece');
    });
  };
  const spell = (text: string) => [...Buffer.from(text)].map((byte) => spelling[byte] ?? '');

  addWhole(
    emojiLead.map((byte) => spelling[byte] ?? ''),
    'lead',
  );
  for (const character of wholeCharacters) addWhole(spell(character), 'word');
  for (const word of words.split(' ')) addWhole(spell(` ${word}`), 'word');
  const syllables: string[] = [];
  for (const ending of endings) {
    for (const vowel of vowels) {
      for (const consonant of consonants) {
        const syllable = consonant + vowel + ending;
        syllables.push(syllable);
        addWhole(spell(syllable), 'syllable');
        addWhole(spell(` ${syllable}`), 'word');
      }
    }
  }
  const space = spelling[0x20] ?? '';
  fill: for (const first of syllables) {
    for (const second of syllables) if (!add(space + first, second, 'word')) break fill;
  }

  const firstControl = tokens.length;
  return {
    tokens: [...tokens, ...controls],
    tokenTypes: [...tokens.map(() => 1), ...controls.map(() => 3)],
    merges,
    kinds: [...kinds, ...controls.map((): TokenKind => 'control')],
    endOfText: firstControl,
    startOfTurn: firstControl + 1,
    endOfTurn: firstControl + 2,
  };
}

function kindOfByte(byte: number): TokenKind {
  if (byte >= 0x80 && byte <= 0xbf) return 'continuation';
  const character = String.fromCharCode(byte);
  if ('.,?!\n'.includes(character)) return 'punctuation';
  return byte >= 0x20 && byte <= 0x7e ? 'piece' : 'byte';
}

/** GPT-2's spelling of bytes: the printable ones stand for themselves, the others for characters from U+0100 on. */
function byteSpelling(): string[] {
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : 0x100 + moved++);
  });
}
