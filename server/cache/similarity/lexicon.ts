/** What our measure knows of English. Words that are not here count as content, so other languages are compared strictly. */

/** Words that carry no content of a question. Everything that may turn a meaning is left out on purpose. */
export const functionWords = wordSet(`
  a an the of is are am be being do does done have has having there here
  that which who whom as so just really actually basically exactly simply kindly
  also then than some any very quite thing things
`);

/** Words that point at something said before: a question with one of them means little alone. */
export const pointingWords = wordSet(`
  it its itself this these those they them their theirs he him his she her hers
  one ones another other others else same above previous former latter again instead more further
  second third last next continue elaborate
`);

/** A question that begins like this goes on with what was said before. */
export const goingOn =
  /^(and|but|or|so|then|also|what about|how about|yes|no|yeah|yep|nope|ok|okay|sure|thanks|go on|keep going)\b/;

/** Said to be polite, or to begin; they change no answer. */
export const courtesies: readonly RegExp[] = [
  /^(hi|hello|hey|dear|good (morning|afternoon|evening))( there| all| everyone)?\b/,
  /\b(please|kindly|pls|plz)\b/g,
  /\b(thanks|thank you|thx|cheers)( so much| very much| a lot| in advance)?$/,
  /^(sorry|excuse me|quick question|a quick question|question|one question|well|okay|ok|so|um|oh)\b/,
  /^i (am|was) (just )?(wondering|curious)( about)?( if you (can|could) tell me)?\b/,
  /^i (would like|want|need|would love|wish) (to (know|understand|learn|find out|ask|see|hear)|you to)( more)?( about)?\b/,
  /^(can|could|would|will) you( possibly| maybe)?\b/,
  /^(do you know|any idea|do you have any idea|i do not (know|understand)|remind me|let me know|help me( to)? understand)\b/,
  /^(tell|explain to|give|show|teach) (me|us)( more)?( about)?\b/,
  /^(me|us)\b/,
  /\b(to|for) (me|us)$/,
];

export type Intent =
  | 'what'
  | 'how'
  | 'how to'
  | 'why'
  | 'when'
  | 'where'
  | 'who'
  | 'which'
  | 'difference'
  | 'yes or no'
  | 'tell';

/** Ways of asking one thing; the first that fits is taken from the question, and its kind noted. */
export const askings: readonly (readonly [RegExp, Intent])[] = [
  [/^(explain|describe|say)? ?what (is|are) the (main |key )?differences? between\b/, 'difference'],
  [/^(explain|describe)? ?(the )?differences? between\b/, 'difference'],
  [/^how (do|does|are|is) (?=.* (differ|different)\b)/, 'difference'],
  [/^(compare|contrast|compare and contrast)\b/, 'difference'],
  [
    /^(explain |describe |say )?how (to|(do|does|can|could|would|should|might) (i|we|you|one|someone|people))\b/,
    'how to',
  ],
  [/^what is the (best |right |correct |easiest |proper )?way (to|of)\b/, 'how to'],
  [/^what (are the )?steps (to|for|of)\b/, 'how to'],
  [/^(explain |describe )?how\b( (do|does|is|are|did|can)\b)?/, 'how'],
  [/^(explain |say )?why\b( (do|does|is|are|did|can)\b)?/, 'why'],
  [/^what (is|was|are) the reasons? (that|why|for)\b/, 'why'],
  [/^(in |on |at |during )?(what|which) year\b/, 'when'],
  [/^(explain |say )?when\b( (is|are|do|does|did)\b)?/, 'when'],
  [/^(explain |say )?where\b( (is|are|do|does|did|can)\b)?( (i|we|you|one) (find|get)\b)?/, 'where'],
  [/^(in )?(what|which) (place|location)\b/, 'where'],
  [/^(say )?who\b( (is|are)\b)?/, 'who'],
  [/^which (is|are) the\b/, 'what'],
  [/^which\b/, 'which'],
  [/^(explain |describe |say )?what (is|are) (meant by|the (meaning|definition) of)\b/, 'what'],
  [/^(the )?(meaning|definition) of\b/, 'what'],
  [/^(define|explain|describe)( what)?\b/, 'what'],
  [/^(say )?what (do|does) (?=.* (mean|stand for)\b)/, 'what'],
  [/^(say )?what\b( (is|are|do|does|did)\b)?/, 'what'],
  [/^the\b/, 'what'],
  [/^(is|are|am|do|does|did|has|have)\b/, 'yes or no'],
];

/** One word for several that ask the same of us at the head of a request. */
export const requestVerbs: ReadonlyMap<string, string> = wordMap(`
  write: compose create generate draft make produce
  list: enumerate name
  summarize: recap summary
  fix: correct repair
`);

/** Words that say the same in every question we could think of. */
export const synonyms: ReadonlyMap<string, string> = wordMap(`
  big: large
  start: begin
  fast: quick
  picture: photo image
  happen: occur
  buy: purchase
  car: automobile
  organize: arrange
  color: colour
  behavior: behaviour
  favorite: favourite
  center: centre
  liter: litre
  meter: metre
  program: programme
  gray: grey
`);

/** Words that say something else with a capital: "turkey" is not Turkey. */
export const otherWithCapital = wordSet(`
  turkey polish china may march august mercury apple mark bill rose will frank reading nice mobile jordan chile chili
  cologne bath cork lima hamlet job lent rapid amazon shell target gap visa oracle access word excel edge safari swift rust go
  it us who aids sars cat sun mars jupiter saturn
`);

export const negations = wordSet(
  'not no never none neither nor without cannot nothing nobody nowhere hardly un non except',
);

/** What stands on one side may never answer for what stands on the other. */
export const opposites: readonly (readonly [string, string])[] = `
  increase decrease, before after, with without, more less, most least, more fewer, maximum minimum, max min, highest lowest,
  high low, higher lower, up down, in out, on off, over under, above below, open close, start stop, start end, begin end, first last,
  add remove, add subtract, add delete, multiply divide, enable disable, allow deny, allow forbid, accept reject, include exclude,
  import export, encode decode, encrypt decrypt, compress decompress, upload download, push pull, send receive, buy sell, lend borrow,
  import export, input output, read write, save load, lock unlock, install uninstall, connect disconnect, attach detach, zip unzip,
  advantage disadvantage, pro con, benefit risk, strength weakness, positive negative, good bad, best worst, better worse,
  hot cold, warm cool, heat cool, big small, long short, tall short, fast slow, early late, old new, old young, rich poor, strong weak,
  hard easy, hard soft, light dark, light heavy, wet dry, full empty, deep shallow, wide narrow, thick thin, loud quiet, safe dangerous,
  true false, yes no, right wrong, right left, left right, north south, east west, inside outside, inner outer, internal external,
  male female, man woman, boy girl, mother father, son daughter, brother sister, king queen, husband wife, he she, his her,
  win lose, gain lose, profit loss, rise fall, grow shrink, expand contract, ascend descend, ascending descending, forward backward,
  attack defend, build destroy, create destroy, create delete, remember forget, love hate, like dislike, agree disagree, day night,
  morning evening, today tomorrow, today yesterday, yesterday tomorrow, summer winter, past future, always never, all none, everyone nobody,
  public private, legal illegal, possible impossible, active passive, active inactive, visible hidden, show hide, static dynamic,
  synchronous asynchronous, horizontal vertical, row column, width height, even odd, prime composite, integer fraction, singular plural,
  acid base, acidic basic, anode cathode, proton electron, alive dead, birth death, born died, predator prey, cause effect, cause prevent,
  cause cure, demand supply, asset liability, debit credit, teacher student, employer employee, client server, sender receiver,
  parent child, ancestor descendant, source target, source destination, from to, stack queue, host guest, gain weight, lower raise
`
  .trim()
  .split(/,\s*/)
  .map((pair) => pair.trim().split(/\s+/) as [string, string]);

export const numberWords: ReadonlyMap<string, string> = new Map(
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty`
    .split(' ')
    .map((word, value) => [word, String(value)] as const),
);

/** Words that say when: a question about the past is another one. */
export const pastWords = wordSet('was were did had been');

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}

/** `head: others`, one head a line; each of the others is read as the head. */
function wordMap(lines: string): ReadonlyMap<string, string> {
  return new Map(
    lines
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [head = '', others = ''] = line.trim().split(': ');
        return others.split(' ').map((word) => [word, head] as const);
      }),
  );
}
