import type { Message } from '../../../src/protocol/shapes.ts';
import type { App } from '../app-context.ts';

export interface Invocation {
  /** `<plugin>.<action>` */
  readonly actionId: string;
  readonly label: string;
  /** What the plugin gave with the button. */
  readonly data?: unknown;
  /** Of the fields around it. */
  readonly values?: Readonly<Record<string, unknown>>;
  readonly message: Pick<Message, 'id' | 'conversationId'>;
}

/** Presses a button of a plugin. What it shows comes as messages; a note that is not stored stands below the message. */
export async function invokeAction({ state, actions }: Pick<App, 'state' | 'actions'>, call: Invocation): Promise<void> {
  const { actionId, label, data, values, message } = call;
  const payload = {
    messageId: message.id,
    ...(data === undefined ? {} : { data }),
    ...(values === undefined ? {} : { values }),
  };
  try {
    const answer = await state.connection.request({ type: 'action.invoke', actionId, payload });
    if (answer.type !== 'notice' || noteOf(answer) === '') return;
    const { code, params, text, data: more } = answer;
    state.notices.add({
      id: state.newId(),
      conversationId: message.conversationId,
      afterMessageId: message.id,
      command: label,
      answer: { state: 'done', notice: { code, params, text, ...(more === undefined ? {} : { data: more }) } },
    });
  } catch (cause) {
    actions.fail(cause);
  }
}

function noteOf({
  code,
  params,
  text,
}: {
  readonly code: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly text: string;
}): string {
  if (code !== 'PLUGIN_ANSWER') return text.trim();
  return typeof params['text'] === 'string' ? params['text'].trim() : '';
}
