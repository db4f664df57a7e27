/** From so many UTF-16 units on the direction is not left to the browser. */
const longText = 20_000;
const firstStrong = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]|(\p{L})/u;

/**
 * The `dir` of a field with this text. `auto` gives each paragraph its own, but lays the whole text out anew with each key, nine
 * times as dear as one direction for all: a long text takes that of its first letter.
 */
export function fieldDirection(text: string): 'auto' | 'ltr' | 'rtl' {
  if (text.length <= longText) return 'auto';
  const match = firstStrong.exec(text);
  return match !== null && match[1] === undefined ? 'rtl' : 'ltr';
}
