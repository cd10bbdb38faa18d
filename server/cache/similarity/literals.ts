/** Quotations and code: compared as they are. Bounded, so that an open quotation mark costs no more than its line. */
const quotations = [
  /```[\s\S]*?```/g,
  /`[^`\n]{1,1000}`/g,
  /"[^"\n]{1,1000}"|“[^”\n]{1,1000}”|«[^»\n]{1,1000}»|(?<![\p{L}\p{N}])'[^'\n]{1,1000}'(?![\p{L}\p{N}])/gu,
];
/** "5!", which is 120. */
const factorial = /(?<![\p{L}\p{N}])(?:\d+|[b-hj-z])!+/giu;
/** Numbers and letters with signs between them, whose brackets and order say what they come to. */
const formula =
  /(?<![\p{L}\p{N}])(?:\(\s?){0,3}(?:\d[\d.,]*\p{L}?|\p{L})(?![\p{L}\p{N}])[)!]*(?:[ \t]{0,3}[-+*/×÷^=<>·:−–≤≥]{1,3}[ \t]{0,3}(?:\(\s?){0,3}(?:\d[\d.,]*\p{L}?|\p{L})(?![\p{L}\p{N}])[)!]*)+/gu;
/** What no plain word has inside: a piece of text with one of these is compared as it is. */
const symbols =
  /[\p{L}\p{N}][_\\/@#<>{}[\]()=|:;&][\p{L}\p{N}]|[\p{L}\p{N}]\(|[\p{L}\p{N}]\.\p{L}{1,5}(?!\p{L})|\p{L}['′](?=$|[?)])|^\.\p{L}|^-{1,2}\p{L}|\p{Ll}\p{Lu}|[<>{}[\]=|\\#@~^_+*/]|\p{Sm}|\p{Sc}|\p{No}|\p{So}/u;
const numbers = /(?<![\p{L}\p{N}])[-−]?\d+(?:[.,:]\d+)*(?:\s?%|°\p{L}?|\s?['"′″’”]{1,2}(?=[\s?!.,]|$))?/gu;
/** A sign that stands alone and is no end of a sentence and no dash: "what does ?? do". */
const loneSigns = /(?<=\s)(?![-–—](?=\s))[^\p{L}\p{N}\s\uE000\uE001]+(?=\s+\S)/gu;
/** The last one counts too, where it is asked about: "what is the symbol §". */
const lastSign = /(?<=\s)[^\p{L}\p{N}\s\uE000\uE001]+$/u;
const ofSigns = /\b(type|symbol|code|sign|mean|meaning|key|character|called)\b/i;
/** "Vitamin A", in a sentence that is not all capitals. */
const loneA = /(?<=\p{Ll} )A(?=[\s?.!,]|$)/gu;
const kindsA =
  /(?<=\b(?:vitamin|hepatitis|influenza|type|grade|plan|group|level|class|section|part|option|team) )a\b/giu;

/** "100 Mb to MB": of units the case counts. */
const units =
  /(?<=\uE001 {0,2}|\d ?|\uE001 {0,2}\p{L}{1,3} (?:to|in|into) )(?=\p{L}*\p{Lu})\p{L}{1,3}(?![\p{L}\p{N}])/gu;
/** "The WHO", "IT support", "AND" beside "OR": no little words. */
const shortNames =
  /(?<!\p{L})(?:WHO|IT|US|AM|IS|ARE|DO|CAN|WILL|MAY|OR|AND|NOT|IF|AS|IN|ON|AT|ANY|SOME|ALL|HAS|HAVING)(?!\p{L})/gu;

/** "Love Actually", "Simply Red": a title. */
const titled =
  /(?<=\S )(?:Just|Really|Actually|Basically|Exactly|Simply|So|Very|Quite)(?!\p{L})|(?<=(?:The|the|Doctor|doctor) )Who(?!\p{L})/gu;

const opened = '\uE000';
const hole = (index: number) => `${opened}${index}\uE001`;

/** Puts a mark for each piece that is compared as it is, and says which stands for which. */
export function takeLiterals(prompt: string): { text: string; literals: ReadonlyMap<string, string> } {
  const literals = new Map<string, string>();
  const take = (piece: string) => {
    const key = hole(literals.size);
    literals.set(key, piece);
    return ` ${key} `;
  };
  const takePiece = (piece: string) => take(piece.replace(/[?!.,;:]+$/, '') || piece);
  let text = quotations.reduce((line, pattern) => line.replace(pattern, takePiece), prompt);
  text = text.replace(factorial, take).replace(formula, (piece) => take(piece.replace(/\s+/g, '')));
  if (/\p{Ll}/u.test(prompt)) text = text.replace(shortNames, take).replace(titled, take);
  if (ofSigns.test(prompt)) text = text.replace(lastSign, take);
  text = text.replace(loneSigns, take).replace(loneA, take).replace(kindsA, take);
  text = text.replace(/\S+/g, (piece) => (symbols.test(piece) && !piece.includes(opened) ? takePiece(piece) : piece));
  text = text.replace(numbers, (number, at: number) => (text[at - 1] === opened ? number : take(number)));
  return { text: text.replace(units, take), literals };
}

/** Words and marks, one blank between them. */
export function plain(text: string): string {
  return text
    .replace(/[^\p{L}\p{M}\p{N}\uE000\uE001'’-]+/gu, ' ')
    .replace(/(?<![\p{L}\p{N}])['’-]+|['’-]+(?![\p{L}\p{N}])/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
