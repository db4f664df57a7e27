import { type Command, openConversation, signedInUser } from '../command.ts';
import { type ConversationExport, readConversationExport } from '../exports/conversation-export.ts';
import { exportFileName } from '../exports/export-file-name.ts';
import { exportHtml } from '../exports/export-html.ts';
import { exportMarkdown } from '../exports/export-markdown.ts';
import type { CommandPorts } from '../ports.ts';

interface Format {
  readonly mime: string;
  readonly write: (content: ConversationExport) => string;
}

const markdown: Format = { mime: 'text/markdown; charset=utf-8', write: exportMarkdown };
const formats: ReadonlyMap<string, Format> = new Map([
  ['md', markdown],
  ['html', { mime: 'text/html; charset=utf-8', write: exportHtml }],
  ['json', { mime: 'application/json; charset=utf-8', write: (content) => `${JSON.stringify(content, null, 2)}\n` }],
]);

export function createExportCommand({ conversations }: Pick<CommandPorts, 'conversations'>): Command {
  return {
    info: {
      name: 'export',
      summary: 'Save this conversation as a file: the branch shown as Markdown or as a page, or everything as JSON.',
      usage: '/export [md|json|html]',
      example: '/export html',
      args: [{ name: 'format', required: false, choices: ['md', 'json', 'html'] }],
      anonymous: false,
    },
    async run([wanted], context) {
      const user = signedInUser(context);
      const format = wanted?.toLowerCase() ?? 'md';
      const { mime, write } = formats.get(format) ?? markdown;
      const content = await readConversationExport(conversations, user.id, openConversation(context), context.signal);
      const { title } = content.conversation;
      const data = { filename: exportFileName(title, format), mime, content: write(content) };
      return { type: 'notice', code: 'EXPORTED', params: { title, format }, data };
    },
  };
}
