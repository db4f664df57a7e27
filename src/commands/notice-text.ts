import { z } from 'zod';
import {
  commandInfoSchema,
  findingSchema,
  type Job,
  jobSchema,
  modelInfoSchema,
  type NoticeCode,
  noticeTable,
  pluginInfoSchema,
  settingsSchema,
} from '../protocol/index.ts';

const rowsSchema = z.object({ items: z.array(z.object({ number: z.number(), title: z.string() })) });
const findingsSchema = z.object({ items: z.array(findingSchema) });
const commandsSchema = z.object({ commands: z.array(commandInfoSchema) });
const modelsSchema = z.object({ models: z.array(modelInfoSchema) });
const pluginsSchema = z.object({ plugins: z.array(pluginInfoSchema) });
const jobsSchema = z.object({ items: z.array(jobSchema) });
const settingsDataSchema = z.object({ settings: settingsSchema });

/** The whole answer of a command as English text, for programs and for clients that cannot show its data. */
export function noticeText(code: NoticeCode, params: Readonly<Record<string, string | number | boolean>>, data: unknown): string {
  const head = noticeTable[code].replace(/\{(\w+)\}/g, (mark, name: string) => String(params[name] ?? mark));
  return [head, ...linesOf(data)].join('\n');
}

function linesOf(data: unknown): string[] {
  const commands = commandsSchema.safeParse(data);
  if (commands.success) return commands.data.commands.map((command) => `${command.usage} - ${command.summary}`);
  const rows = rowsSchema.safeParse(data);
  if (rows.success) return rows.data.items.map((row) => `${row.number}. ${row.title}`);
  const findings = findingsSchema.safeParse(data);
  if (findings.success) {
    const found = findings.data.items.filter(({ state }) => state === 'problem' || state === 'warning');
    return found.map(({ code, text, mend }) => `${code}: ${text} ${mend}`);
  }
  const models = modelsSchema.safeParse(data);
  if (models.success) return models.data.models.map((model) => `${model.id} - ${model.label}`);
  const plugins = pluginsSchema.safeParse(data);
  if (plugins.success) return plugins.data.plugins.map(({ name, state, title, reason }) => `${name} (${state}) - ${reason ?? title.en}`);
  const jobs = jobsSchema.safeParse(data);
  if (jobs.success) return jobs.data.items.map(jobLine);
  const settings = settingsDataSchema.safeParse(data);
  if (settings.success)
    return Object.entries(settings.data.settings).map(
      ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  return [];
}

function jobLine({ id, kind, status, progress, position, error }: Job): string {
  const place = position === undefined ? '' : `, place ${position}`;
  const percent = status === 'running' && progress !== null ? `, ${Math.round(progress)} %` : '';
  return `${id} - ${kind}: ${status}${place}${percent}${error === undefined ? '' : ` (${error.message})`}`;
}
