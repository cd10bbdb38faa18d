/** What our measure knows of English. Words that are not here count as content, so other languages are compared strictly. */

/** Words that carry no content wherever they stand. Everything that may turn a meaning is left out on purpose. */
export const functionWords = wordSet('a an the of is are that which who whom');
/** The same, but at the end and after an article: "just a war" and "a just war". */
export const fillers = wordSet('just really actually basically exactly simply');

/** Words that point at something said before: a question with one of them means little alone. */
export const pointingWords = wordSet(`
  it its itself this these those they them their theirs he him his she her hers
  one ones another other others else same above previous former latter again instead more further
  second third last next continue elaborate
`);

/** A question that begins like this goes on with what was said before. */
export const goingOn =
  /^(and|but|or|so|then|also|what about|how about|yes|no|yeah|yep|nope|ok|okay|sure|thanks|go on|keep going)\b/;

/** What a whole question begins with. */
export const questionWords = wordSet(`
  what how who whom whose why when where which is are was were do does did can could should would will may must has have am i
`);

/** One word for several that ask the same of us at the head of a request. */
export const requestVerbs: ReadonlyMap<string, string> = wordMap(`
  write: compose create generate draft
  list: enumerate name
  summarize: summarise recap summary
`);

/** What a request begins with, where we know it. */
export const requests = wordSet(`
  ${[...requestVerbs].flat().join(' ')} give show add put find get translate suggest recommend plan help prove solve calculate convert compare
  turn use change rewrite shorten improve design build describe explain define tell teach remind
`);

const question = `(?:${[...questionWords].join('|')}|if|whether)`;
const asked = `(?= (?:${[...questionWords, ...requests, 'please', 'tell', 'in what', 'in which'].join('|')})\\b)`;

/** Said to be polite, or to begin; they change no answer. Where one could be meant ("hey jude", "well water") a question must follow. */
export const courtesies: readonly RegExp[] = [
  new RegExp(`^(hi|hello|hey|dear|good (morning|afternoon|evening))( there| all| everyone)?${asked}`),
  new RegExp(`^(sorry|excuse me|(a |one )?(quick )?question|well|okay|ok|so|um|oh)${asked}`),
  /(?<!\b(?:to|i|you|we|not|do|does|word) )\b(please|kindly|pls|plz)\b/g,
  /^i (am|was) (just )?(wondering|curious) (about|if you (can|could) tell me|(?=what|how|why|when|where|who|which|if))\b/,
  /^i (would like|want|need|would love|wish) to (know|understand|find out)( more)?( about)?\b/,
  new RegExp(`^i (would like|want|need) you to${asked}`),
  // "Can you write code" asks whether; "can you write a poem" wants one.
  /^(can|could|would|will) you( possibly| maybe)?(?= (?:please|tell)\b)/,
  /^(can|could|would|will) you (?=(explain|describe|define) |(say|give|show|summari[sz]e|translate|write|list|name|recommend|suggest|convert|solve|calculate|compare|plan) (me|us|a|an|the|my|this|these|how|what|why|when|where|who|which|if|whether|in|\uE000))/,
  new RegExp(
    `^(do you know|any idea|do you have any idea|i do not (know|understand)|teach (me|us)) (?=${question}\\b)`,
  ),
  /^help me( to)? understand\b/,
  /^(tell|teach) (me|us)( a (bit|little))?( more)? about\b/,
  // "Give me a riddle" wants one, "give me the capital of France" wants to know.
  /^(tell|explain to|give|show) (me|us) (?!a\b|an\b|another\b|some\b|more\b|\uE000)/,
  /(?<=^(?:explain|describe|define|clarify)\b.*) to me$/,
];

export type Intent =
  | 'what'
  | 'how'
  | 'how to'
  | 'how much'
  | 'why'
  | 'when'
  | 'where'
  | 'who'
  | 'which'
  | 'difference'
  | 'yes or no'
  | 'tell'
  | 'topic'
  | 'of words';

/** Ways of asking one thing; the first that fits is taken from the question, and its kind noted. */
export const askings: readonly (readonly [RegExp, Intent])[] = [
  [/^(explain|describe|say)? ?what (is|are) the (main |key )?differences? between\b/, 'difference'],
  [/^(explain|describe)? ?(the )?differences? between\b/, 'difference'],
  [/^how (do|does|are|is) (?=.* (differ\b|different( from\b|$)))/, 'difference'],
  [/^(compare|contrast|compare and contrast)\b/, 'difference'],
  [/^(explain |describe |say )?how (to|(do|does|can) (i|you|one))\b/, 'how to'],
  [/^what is the (best |right |correct |easiest |proper )?way to\b/, 'how to'],
  [/^what (are the )?steps (to|for|of)\b/, 'how to'],
  [
    /^(explain |describe )?how (?=(much|many|long|often|far|soon|early|late|old|high|tall|deep|wide|big|large|fast|heavy|hot|cold|likely)\b)/,
    'how much',
  ],
  [/^(explain |describe )?how\b( (do|does|is|are|did)\b)?/, 'how'],
  [/^(explain |say )?why\b( (do|does|is|are|did)\b)?/, 'why'],
  [/^what (is|was|are) the reasons? (that|why|for)\b/, 'why'],
  [/^(in |on |at |during )?(what|which) year\b/, 'when'],
  [/^(explain |say )?when\b( (is|are|do|does|did)\b)?/, 'when'],
  [/^(explain |say )?where\b( (is|are|do|does|did)\b)?( (can )?(i|we|you|one) find\b)?/, 'where'],
  [/^in (what|which) (place|location)\b/, 'where'],
  [/^(say )?whom?\b( (is|are)\b)?/, 'who'],
  [/^which is the\b/, 'what'],
  [/^which\b/, 'which'],
  [/^(explain |describe |say |state )?what (is|are) (meant by|the definition of)\b/, 'what'],
  [/^(the )?definition of\b/, 'what'],
  [/^(define|explain|describe(?= what)|state(?= what))( what)?\b/, 'what'],
  [/^(say )?what (do|does) (?=.* (mean|stand for)\b)/, 'what'],
  [/^(say )?what\b( (is|are|do|does|did)\b)?/, 'what'],
  [/^the\b/, 'what'],
  [/^(is|are|am|do|does|did|has|have)\b/, 'yes or no'],
  [/^(?=(can|could|should|would|will|may|must)\b)/, 'yes or no'],
];

/** Words that say the same in every question we could think of. */
export const synonyms: ReadonlyMap<string, string> = wordMap(`
  fastest: quickest
  be: is are was were been
  television: tv
  gasoline: petrol
  refrigerator: fridge
  flu: influenza
  happen: occur
  buy: purchase
  color: colour
  behavior: behaviour
  favorite: favourite
  center: centre
  liter: litre
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
    .map((word, value) => [word, String(value)] as const)
    // "One" is seldom a number: "one of them", "how does one".
    .filter(([word]) => word !== 'one'),
);

/** Words that say when: a question about the past is another one. */
export const pastWords = wordSet('was were did had been');
export const presentWords = wordSet('is are am do does has have will');

/** What is asked of words themselves, or of a language: there every word counts as it is written. */
export const ofWords =
  /\b(correct|proofread|punctuate|rephrase|paraphrase|rewrite|say|saying|spell(ed|ing)?|rhymes?|synonyms?|antonyms?|translat(e|ed|ion|ing)|pronounce[ds]?|pronunciation|syllables?|letters in|pronouns?|the word|words|etymology|british|american|spelling|vowels?|consonants?|letters|numerals?|commas?|apostrophes?|hyphens?|capitali[sz]e[ds]?|lowercase|uppercase|alphabetical(ly)?|sentences?|verbs?|nouns?|adjectives?|adverbs?|conjugat(e|ion)|plurals?|singular|contraction|short form|in a sentence|in (english|spanish|french|german|italian|portuguese|dutch|russian|polish|turkish|greek|latin|arabic|hebrew|hindi|chinese|mandarin|japanese|korean|sign language))\b|\buse (is|are|was|were|has|have|had|a|an|the|that|which|who|whom|some|any|just|really|so|very|quite)( (and|or|vs)\b|$)/;

/** Where they are named, capitals tell names of code apart: "String in Java". */
export const ofCode = wordSet(
  'python java javascript typescript c# c++ sql rust go golang ruby php swift kotlin bash css html react',
);

/** Titles: "Aliens plot" is no "Alien plot". */
export const ofTitles =
  /\b(cast|plot|movie|film|actors?|summary|ending|season|episodes?|quotes|lyrics|biography|baseball|football|show|series|band|albums?|songs?)$/;

/** A question in one clause, of English words: in all others every word and sign may count. */
export const oneClause = /^[^,;:\n.!?…]*[?.!…\s]*$/u;
export const negated = /\b(not|no|never|none|neither|nor|nothing|nobody|without|cannot)\b|n['’]t\b/i;

/** Of something: its usual qualities may stand behind it as well, "gallbladder function". */
export const qualities = wordSet(`
  function cause symptom symptoms treatment population capital lifespan temperature location benefit benefits advantage advantages disadvantage
  disadvantages use uses effect effects causes summary author inventor discoverer founder currency area radius mass density formula
`);

/** Little words that a question may be about: "when do I use who and when whom". */
export const mentionable = wordSet('a an the of that which who whom so any some');

/** Plurals that are another thing than many of one. */
export const ownPlurals = wordSet(`
  glasses marbles shingles hives securities utilities customs goods spirits blues windows aids manners scales pants shorts briefs remains savings
  earnings odds lyrics minutes arms species series drawers trunks blinds bangs braces premises grounds boxers mumps quarters stocks specs suspenders
  spectacles crackers crutches damages credits crabs hearts means teams dates returns looks
`);

export function wordSet(words: string): ReadonlySet<string> {
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
