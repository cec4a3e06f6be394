/** English for one: `1 drafts discarded` is `1 draft discarded`. Texts are written for many. */
const NOUNS = 'cells|drafts|changes|rows|orders|days|listings|pieces|parcels|slips|lines|customers|figures|waves|others|columns|files|hand decisions|SKUs|shops|bill lines|versions|notices';
const VERBS: Readonly<Record<string, string>> = { were: 'was', are: 'is', wait: 'waits', differ: 'differs', change: 'changes', have: 'has' };
const ONE = new RegExp(`(?<![\\d.,])1 (${NOUNS})\\b(?: (${Object.keys(VERBS).join('|')})\\b)?`, 'g');
export const inEnglish = (text: string): string => text.replace(ONE, (_, noun: string, verb: string | undefined) => `1 ${noun.slice(0, -1)}${verb === undefined ? '' : ` ${VERBS[verb]!}`}`);
