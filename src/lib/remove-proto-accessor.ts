/**
 * Takes `Object.prototype.__proto__` away, as Node's `--disable-proto=delete` does, however the program was started: an object that
 * was merged from hostile JSON cannot change what all objects inherit (PROMISES R20). `Object.getPrototypeOf` goes on working.
 */
export function removeProtoAccessor(): void {
  Reflect.deleteProperty(Object.prototype, '__proto__');
}
