import { isEnglishWord } from './english-words.ts';
import { questionWords, requests, wordSet } from './lexicon.ts';
import { isOneSlip } from './slips.ts';

/** The beginning of what is neither a whole question nor a request, but keywords: "Iceland capital". */
const keywords = `^(?!(?:${[...questionWords, ...requests].join('|')})\\b)`;

/**
 * Ways of asking one thing, each put in the words of the way that we read: "height of X" and "how tall is X", "inventor of X" and "who invented X".
 * They are tried in turn, each once, on lower case without punctuation.
 */
const rephrasings: readonly (readonly [RegExp, string])[] = [
  // What adds nothing at the end.
  [/ (yes or no|or not|or no)$/, ''],
  [new RegExp(`${keywords}(.+) (?:what is (?:it|that|this)|what are (?:they|those|these))$`), 'explain $1'],
  [new RegExp(`${keywords}(.+) definition$`), 'define $1'],
  [/^what (?!do\b|does\b|is\b|are\b)(.+) (means|stands for)$/, 'what does $1 mean'],
  [new RegExp(`${keywords}(.+) meaning$`), 'what does $1 mean'],
  [new RegExp(`${keywords}(.+) (why|where|when)$`), '$2 $1'],
  [new RegExp(`${keywords}(.+) how many$`), 'how many $1'],
  [/^(what (is|are) )?(the )?(exact |full )?definition of /, 'define '],
  [
    /^(?:what is )?(?:the )?meaning of (?:the (?:word|term|phrase|idiom|acronym|abbreviation) )?(.+)$/,
    'what does $1 mean',
  ],
  [/^what is meant by /, 'define '],
  // A place, a reason, a time.
  [/^where (is|are) (.+) (located|situated|found)$/, 'where $1 $2'],
  [/^(what is )?(the )?(location|whereabouts) of /, 'where is '],
  [new RegExp(`${keywords}(.+) location$`), 'where is $1'],
  [/^how come\b/, 'why'],
  [/^for (what|which) reasons?\b/, 'why'],
  [/^(what (is|are|was|were) )?(the )?reasons? (why|that|for|behind)\b/, 'why'],
  [new RegExp(`${keywords}(.+) reasons?$`), 'why $1'],
  [/^how long ago\b/, 'when'],
  [/^what time it is\b/, 'what time is it'],
  [/^at (what|which) time\b/, 'when'],
  // A person.
  ...personOf('inventor', 'invented'),
  ...personOf('author', 'wrote'),
  ...personOf('discoverer', 'discovered'),
  ...personOf('founder', 'founded'),
  [/^which person /, 'who '],
  [/^(which|what) (author|writer|poet|novelist) (?=wrote\b)/, 'who '],
  [/^(which|what) (scientist|physicist|chemist|engineer|inventor|explorer) (?=(invented|discovered)\b)/, 'who '],
  [/^(which|what) (artist|painter) (?=painted\b)/, 'who '],
  // One order: "tell me how long I should" asks "how long should I", "how heavy a neutron is" asks "how heavy is a neutron".
  [/(?<=\S )(i|we|you|one) (should|can|could|must|may|would|will)\b/, '$2 $1'],
  [/^how (\S+) (?!is\b|are\b|was\b|were\b)(.+) (is|are|was|were)$/, 'how $1 $3 $2'],
  [/^how long (?!do\b|does\b|can\b)(.+) (?:live|lives)$/, 'how long do $1 live'],
  [/^what (?!do\b|does\b|is\b|are\b|should\b|can\b|could\b|must\b|did\b|to\b)(.+) (?:do|does)$/, 'what do $1 do'],
  [/^which (\S+) (is|was) the (\S+)$/, 'what $2 the $3 $1'],
  // How many, how large.
  [/^(what (is|are|was|were) )?(the )?(total )?(number|count) of (?=\S+s\b)/, 'how many '],
  [/^how (many .+) (are|is) (there in|in)\b/, 'how $1 in'],
  [/^how (many .+) (are|is) there\b/, 'how $1'],
  [/^how many (.+) (?:do|does|did) (an? .+) (?:have|contain)$/, 'how many $1 in $2'],
  ...measureOf('tall', 'height'),
  ...measureOf('deep', 'depth'),
  ...measureOf('wide|broad', 'width'),
  ...measureOf('heavy', 'weight'),
  ...measureOf('big|large', 'size'),
  ...measureOf('fast', 'speed'),
  ...measureOf('long', 'length'),
  [/^how long (do|does) (.+) live$/, 'what is the lifespan of $2'],
  [/^how much (do|does) (.+) weigh$/, 'what is the weight of $2'],
  [/\b(life expectancy|life span)\b/, 'lifespan'],
  // What it is for, what it does, what brings it about.
  [/^what (is|are) (.+) used for$/, 'what are the uses of $2'],
  [/^what (do|does) (?!(?:i|we|you|it|they|he|she)\b)(.+) do$/, 'what is the function of $2'],
  [/^(what is )?(the )?(function|role) of (?=the )/, 'what is the function of '],
  [/^what causes /, 'what is the cause of '],
  [/^what (do|does) (.+) cause$/, 'what is the effect of $2'],
  [/^(what is )?(the )?cause of /, 'what is the cause of '],
  [/^(write an? |the |an? )?(summary|recap) of /, 'summarize '],
  [new RegExp(`${keywords}(.+) (summary|summarized|summarised)$`), 'summarize $1'],
  // How to do it.
  [/^(what (is|are) )?(the )?(best|right|correct|proper|good) way to /, 'how to '],
  [/^is it possible (for (me|us) )?to /, 'can i '],
  // What two have to do with one another.
  [/^how (do|does|is|are|did) (.+) compare (to|with) (.+)$/, 'difference between $2 and $4'],
  [/^how (do|does) (.+) and (.+) compare$/, 'difference between $2 and $3'],
  [/^what distinguishes (.+) from (.+)$/, 'difference between $1 and $2'],
  [/^what sets (.+) apart from (.+)$/, 'difference between $1 and $2'],
  [/^what makes (.+) different from (.+)$/, 'difference between $1 and $2'],
  [
    new RegExp(`${keywords}(\\S+(?: \\S+)?) (?:and|or) (\\S+(?: \\S+)?) (?:differences?|compared|comparison)$`),
    'difference between $1 and $2',
  ],
  [/\bin place of\b/, 'instead of'],
];

/** What X made, as who made it. */
function personOf(noun: string, verb: string): (readonly [RegExp, string])[] {
  return [[new RegExp(`^(?:(?:who|what) (?:is|was|were|are) )?(?:the )?(?:original )?${noun} of `), `who ${verb} `]];
}

/** "How tall is X" asks for the height of X. */
function measureOf(adjective: string, noun: string): (readonly [RegExp, string])[] {
  return [
    [new RegExp(`^how (?:${adjective}) (is|are|was|were) (?!(?:it|your|my|too)\\b)(.+)$`), `what $1 the ${noun} of $2`],
  ];
}

const askingWords = [...wordSet('what which where when does explain define describe difference between mean meaning')];

/** A longer text is no question with a way of asking around it, and is read as it stands. */
const longestQuestion = 300;

/** The question in the words of the way of asking that we read. `text` is in lower case, its words one blank apart. */
export function rephrased(text: string): string {
  if (text.length > longestQuestion) return text;
  const spelled = text.replace(/\p{Ll}{4,}/gu, (word) =>
    isEnglishWord(word) ? word : (askingWords.find((asking) => isOneSlip(word, asking)) ?? word),
  );
  return rephrasings.reduce((line, [pattern, others]) => line.replace(pattern, others).trim(), spelled);
}
