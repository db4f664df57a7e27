/** Whether a finger is used: there Enter is a new line, and a focus that nobody asked for would bring up a keyboard. */
export const coarse = () => matchMedia('(pointer: coarse)').matches;

/** Enter that only accepts what an input method offers. Safari says the composition is over before it tells of the key. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** The key that sends, wherever a message is written. */
export function isSendKey(event: KeyboardEvent): boolean {
  const { key, shiftKey, ctrlKey, metaKey } = event;
  return key === 'Enter' && !shiftKey && !isComposing(event) && (!coarse() || ctrlKey || metaKey);
}
