/** Ends the process before there is anything to end in order. @param lines what an operator can do about it */
export function failStart(lines: readonly string[]): never {
  process.stderr.write(`Jarvis Argus cannot start:\n${lines.map((line) => `  ${line}\n`).join('')}`);
  process.exit(1);
}
