const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A ULID that is always the same for the same thing of the same file, so that a second import finds the first one. The server
 * makes its own id of it, which keeps the time and the last eight digits.
 * @param time in milliseconds since the epoch
 * @param group what it belongs to, @param name what it is called in there
 */
export function importedId(time: number, group: string, name: string): string {
  return digitsOfTime(time) + digitsOf(group) + digitsOf(name);
}

function digitsOfTime(time: number): string {
  let left = Math.max(0, Math.floor(time));
  let digits = '';
  for (let at = 0; at < 10; at += 1) {
    digits = (alphabet[left % 32] ?? '0') + digits;
    left = Math.floor(left / 32);
  }
  return digits;
}

/** 40 bits of a text. Nobody gains by two that are the same: they would be two things of one's own file. */
function digitsOf(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a, a >>> 5, a >>> 10, a >>> 15, b, b >>> 5, b >>> 10, b >>> 15].map((bits) => alphabet[bits & 31]).join('');
}
