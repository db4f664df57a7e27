import type { DestinationStream } from 'pino';

const colours: Readonly<Record<string, string>> = { debug: '\u001b[2m', info: '', warn: '\u001b[33m', error: '\u001b[31m' };
const reset = '\u001b[0m';
const control = /\p{Cc}/gu;

/** Turns JSON lines into lines for a person at a terminal. Control characters of values are shown, not sent. */
export function createLineFormat(destination: DestinationStream): DestinationStream {
  return {
    write(line) {
      destination.write(format(line));
    },
  };
}

function format(line: string): string {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed !== 'object' || parsed === null) return line;
  const { time, level, msg, error, ...rest } = { time: '', level: 'info', msg: '', error: undefined, ...parsed };
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const head = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}`;
  const text = [head, ...fields].join(' ');
  return `${colours[String(level)] ?? ''}${visible(text)}${reset}\n${errorLines(error)}`;
}

function errorLines(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const text = 'stack' in error ? String(error.stack) : 'message' in error ? String(error.message) : '';
  return text === '' ? '' : `${text.split('\n').map(visible).join('\n')}\n`;
}

function visible(text: string): string {
  return text.replace(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
