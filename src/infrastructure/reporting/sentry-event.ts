import { safeFields } from '../logging/safe-fields.ts';

/** A line of the log with what the event says of the server. */
export interface ReportedLine {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly version: string;
  readonly environment: string;
  /** Lines that were not sent since the last one. */
  readonly dropped: number;
}

/** Ids and words of ours, by which reports are found; everything else stands in `extra`. */
const tagNames = new Set(['requestId', 'connectionId', 'generationId', 'jobId', 'fileId', 'code', 'class', 'route', 'model', 'component']);
/** Of a tag's value (https://develop.sentry.dev/sdk/data-model/event-payloads/). */
const MAX_TAG_CHARACTERS = 200;

/** The event of a log line: only fields of the log's list, without addresses, paths of this machine and e-mail addresses. */
export function sentryEvent({ id, at, message, fields, version, environment, dropped }: ReportedLine) {
  const { error, ...rest } = safeFields(fields);
  const known = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  const tags = known.filter(([name]) => tagNames.has(name)).map(([name, value]) => [name, String(value).slice(0, MAX_TAG_CHARACTERS)]);
  const extra = known
    .filter(([name]) => !tagNames.has(name))
    .map(([name, value]) => [name, typeof value === 'string' ? scrubbed(value) : value]);
  return {
    event_id: id,
    timestamp: new Date(at).toISOString(),
    platform: 'node',
    level: 'error',
    logger: 'jarvis-argus',
    release: `jarvis-argus@${version}`,
    environment,
    logentry: { message },
    tags: Object.fromEntries(tags),
    extra: { ...Object.fromEntries(extra), ...(dropped === 0 ? {} : { dropped }) },
    contexts: { runtime: { name: 'node', version: process.version } },
    ...(error === undefined ? {} : { exception: { values: exceptionsOf(error) } }),
  };
}

/** An error and its causes, the innermost cause first. */
function exceptionsOf(error: unknown): object[] {
  const values: object[] = [];
  for (let current = error; typeof current === 'object' && current !== null; current = 'cause' in current ? current.cause : null) {
    const { name, message, code, stack } = { name: undefined, message: undefined, code: undefined, stack: undefined, ...current };
    const value = `${scrubbed(String(message ?? ''))}${code === undefined ? '' : ` (${String(code)})`}`;
    const frames = framesOf(String(stack ?? ''));
    values.unshift({ type: String(name ?? 'Error'), value, ...(frames.length === 0 ? {} : { stacktrace: { frames } }) });
  }
  return values;
}

const inBrackets = /^at (.+?) \((.+):(\d+):(\d+)\)$/;
const bare = /^at (?:async )?([^\s()]+):(\d+):(\d+)$/;

/** The frames of V8's text, the innermost call last. */
function framesOf(stack: string): object[] {
  const lines = stack.split('\n').map((line) => line.trim());
  return lines
    .flatMap((line) => {
      const [, name, namedFile, namedLine, namedColumn] = inBrackets.exec(line) ?? [];
      const [, bareFile, bareLine, bareColumn] = bare.exec(line) ?? [];
      const file = namedFile ?? bareFile;
      if (file === undefined) return [];
      const filename = withinProject(file);
      const place = { lineno: Number(namedLine ?? bareLine), colno: Number(namedColumn ?? bareColumn) };
      return [{ filename, function: name ?? '<anonymous>', ...place, in_app: !/^(node:|node_modules\/)/.test(filename) }];
    })
    .reverse();
}

/** The path of a file below the project, whatever lies above it; of a file elsewhere its name alone. */
function withinProject(file: string): string {
  if (file.startsWith('node:')) return file;
  const path = file.replaceAll('\\', '/').replace(/[?#].*$/, '');
  const dependency = path.lastIndexOf('/node_modules/');
  if (dependency >= 0) return path.slice(dependency + 1);
  const room = /.*\/((?:src|dist|plugins|test)\/.+)$/.exec(path)?.[1];
  return room ?? path.slice(path.lastIndexOf('/') + 1);
}

/** Messages of the system name files of this machine; messages of drivers may hold addresses of people. */
function scrubbed(text: string): string {
  return text
    .replace(/[^\s@'"<>]{1,64}@[^\s@'"<>]{1,255}/g, '[address]')
    .replace(/(?:[A-Za-z]:)?(?:[\\/][\w.@~-]{1,255}){2,64}[\\/]?/g, '[path]');
}
