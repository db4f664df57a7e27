export type DemoLanguage = 'en' | 'fa' | 'ar';

const persianWords = new Set([
  'سلام',
  'است',
  'این',
  'که',
  'را',
  'می',
  'چی',
  'چه',
  'برای',
  'درود',
  'خوب',
  'طولانی',
  'متن',
  'بنویس',
  'لطفا',
  'لطفاً',
  'تو',
  'شما',
]);
const arabicWords = new Set([
  'السلام',
  'مرحبا',
  'مرحباً',
  'هذا',
  'هذه',
  'في',
  'على',
  'من',
  'ما',
  'هل',
  'طويل',
  'أهلا',
  'عن',
  'لي',
  'نص',
  'عليكم',
]);

/** The language of a message by its letters: Persian and Arabic share a script, so letters and words that only one of them has decide. */
export function detectLanguage(text: string): DemoLanguage {
  const sample = text.slice(0, 2000);
  const arabicScript = count(sample, /\p{Script=Arabic}/gu);
  const latin = count(sample, /\p{Script=Latin}/gu);
  if (arabicScript === 0 || arabicScript * 2 < latin) return 'en';
  const words = sample.split(/[^\p{L}\p{M}\u200C]+/u);
  const persian = count(sample, /[پچژگکی\u200C۰-۹]/gu) + 2 * words.filter((word) => persianWords.has(word)).length;
  const arabic = count(sample, /[ةىكيأإؤ٠-٩]/gu) + 2 * words.filter((word) => arabicWords.has(word)).length;
  return arabic > persian ? 'ar' : 'fa';
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
