import { z } from 'zod';
import type { ActionPayload, PluginActionDeclaration } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import type { DocumentStore } from '../../lib/document-store.ts';
import { newId } from '../../lib/new-id.ts';
import { type CustomNode, type Field, idSchema, type Job, type User } from '../../protocol/index.ts';
import { fileIdsOf, type MessageRecord, messagesCollection, textOf } from '../conversations/message-record.ts';
import { checkedChanges, type FieldValues } from '../surface/field-values.ts';
import type { PluginCatalogue } from './plugin-catalogue.ts';
import type { PluginEntry } from './plugin-entry.ts';
import type { JobsPort } from './plugin-jobs.ts';
import type { PluginCallOrder, PluginHosts } from './plugin-ports.ts';
import type { PluginRegistry } from './plugin-registry.ts';

export interface PluginCallsOptions {
  readonly registry: PluginRegistry;
  readonly catalogue: PluginCatalogue;
  readonly hosts: Pick<PluginHosts, 'callPlugin'>;
  readonly documents: DocumentStore;
  readonly jobs: JobsPort;
  /** @throws AppError NOT_FOUND for an unknown file and for somebody else's */
  readonly fileOf: (ownerId: string, fileId: string) => Promise<unknown>;
  readonly showAction: ShowAction;
}

export interface PluginCommandCall {
  readonly plugin: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly locale: string;
}

export interface ActionCall {
  /** `<plugin>.<action>` */
  readonly actionId: string;
  readonly payload: unknown;
  readonly locale: string;
}

/** `text`: a note; null where the plugin showed something in the conversation instead, or nothing. */
export type ActionResult = { readonly plugin: string } & ({ readonly text: string | null } | { readonly job: Job });

/** Runs an action that may show something. @returns its note, if it gave one. @throws as the call of a command */
export type ShowAction = (
  call: {
    readonly user: User;
    readonly entry: PluginEntry;
    readonly name: string;
    readonly payload: ActionPayload;
    /** Where it was pressed. */
    readonly message: MessageRecord | null;
    readonly conversationId: string | undefined;
    readonly locale: string;
    readonly settings: PluginCallOrder['settings'];
  },
  signal: AbortSignal,
) => Promise<string | null>;

/** What a client may hand to an action; the rest is ignored. */
const payloadSchema = z.object({
  text: z.string().max(65_536).optional(),
  fileId: idSchema.optional(),
  messageId: idSchema.optional(),
  conversationId: idSchema.optional(),
  clientJobId: idSchema.optional(),
  data: z.json().optional(),
  /** Of the fields of a custom element, by their ids. */
  values: z.record(z.string().max(64), z.json()).optional(),
});
type Payload = z.infer<typeof payloadSchema>;

/** Commands and actions that a plugin answers itself, in its own process, and buttons that make a job. */
export class PluginCalls {
  readonly #options: PluginCallsOptions;

  constructor(options: PluginCallsOptions) {
    this.#options = options;
  }

  /** @returns Markdown. @throws AppError PLUGIN_DISABLED, PLUGIN_FAILED, and what the plugin tells the person */
  async runCommand(user: User, call: PluginCommandCall, signal: AbortSignal): Promise<string> {
    const { entry } = this.#options.registry.ready(call.plugin);
    const { name, args, locale } = call;
    return this.#call(user, entry, { kind: 'command', name, args, locale }, signal);
  }

  /** @throws AppError NOT_FOUND, BAD_REQUEST, PLUGIN_DISABLED, PLUGIN_FAILED, and what accepting a job throws */
  async invokeAction(user: User, { actionId, payload, locale }: ActionCall, signal: AbortSignal): Promise<ActionResult> {
    const dot = actionId.indexOf('.');
    const plugin = actionId.slice(0, Math.max(0, dot));
    const { entry, definition } = this.#options.registry.ready(plugin);
    const action = definition.actions?.find(({ id }) => id === actionId.slice(dot + 1));
    if (action === undefined) throw new AppError('NOT_FOUND');
    const given = readPayload(payload);
    const message = given.messageId === undefined ? null : await this.#message(user, given.messageId);
    if (given.fileId !== undefined) await this.#options.fileOf(user.id, given.fileId);
    if (action.processor !== undefined) return { plugin, job: await this.#startJob(user, action, given, message) };
    const { catalogue, showAction } = this.#options;
    const about = payloadFor({ action, actionId }, given, message);
    if (action.on === 'part') assertShown(actionId, message);
    const settings = await catalogue.settingsOf(user.id, entry);
    const { conversationId } = given;
    const call = { user, entry, name: action.id, payload: about, message, conversationId, locale, settings };
    return { plugin, text: await showAction(call, signal) };
  }

  #startJob(user: User, action: PluginActionDeclaration, given: Payload, message: MessageRecord | null): Promise<Job> {
    const ofMessage = message === null ? [] : fileIdsOf(message.parts);
    const input = given.fileId === undefined ? ofMessage : [given.fileId];
    const conversationId = message?.conversationId ?? given.conversationId;
    const params = z.record(z.string(), z.json()).parse(action.params ?? {});
    const { clientJobId = newId() } = given;
    const place = conversationId === undefined ? {} : { conversationId };
    return this.#options.jobs.submit(user, { clientJobId, kind: action.processor ?? '', input, params, level: 'auto', ...place });
  }

  async #call(user: User, entry: PluginEntry, order: Omit<PluginCallOrder, 'plugin' | 'settings'>, signal: AbortSignal): Promise<string> {
    const { registry, catalogue, hosts } = this.#options;
    const settings = await catalogue.settingsOf(user.id, entry);
    try {
      const text = await hosts.callPlugin({ plugin: entry.name, ...order, settings }, signal);
      registry.noteOutcomeOf(entry, 'succeeded');
      return text;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof AppError && error.code === 'PLUGIN_FAILED') registry.noteOutcomeOf(entry, 'plugin-failed');
      throw error;
    }
  }

  async #message(user: User, id: string): Promise<MessageRecord> {
    const message = await this.#options.documents.get<MessageRecord>(messagesCollection.name, id);
    if (message === null || message.ownerId !== user.id) throw new AppError('NOT_FOUND');
    return message;
  }
}

function readPayload(payload: unknown): Payload {
  const parsed = payloadSchema.safeParse(payload ?? {});
  if (parsed.success) return parsed.data;
  throw new AppError('BAD_REQUEST', { params: { field: String(parsed.error.issues[0]?.path[0] ?? 'payload') } });
}

interface PressedAction {
  readonly action: PluginActionDeclaration;
  /** `<plugin>.<action>` */
  readonly actionId: string;
}

/** The text comes from the store where the message is named: what a page shows may be shortened. */
function payloadFor({ action, actionId }: PressedAction, given: Payload, message: MessageRecord | null): ActionPayload {
  const text = message === null ? given.text : textOf(message.parts);
  if (action.on === 'picture' && given.fileId === undefined) throw new AppError('BAD_REQUEST', { params: { field: 'fileId' } });
  if (action.on === 'message' && text === undefined) throw new AppError('BAD_REQUEST', { params: { field: 'messageId' } });
  return {
    ...(text === undefined ? {} : { text }),
    ...(given.fileId === undefined ? {} : { fileId: given.fileId }),
    ...(given.data === undefined ? {} : { data: given.data }),
    ...(message === null ? {} : { messageId: message.id }),
    ...(given.values === undefined ? {} : { values: checkedValues(fieldsBeside(message, actionId), given.values) }),
  };
}

/** As one of the elements with that button takes them; two may have a field of the same name. @throws AppError BAD_REQUEST */
function checkedValues(forms: readonly Field[][], values: NonNullable<Payload['values']>): FieldValues {
  const [first = [], ...rest] = forms;
  try {
    return checkedChanges(first, values);
  } catch (error) {
    const [next] = rest;
    if (next === undefined) throw error;
    return checkedValues(rest, values);
  }
}

/** A button of this kind can be pressed only where the plugin showed it. @throws AppError NOT_FOUND */
function assertShown(actionId: string, message: MessageRecord | null): void {
  const shown = message?.parts.some(
    (part) =>
      (part.type === 'actions' && part.items.some((item) => item.actionId === actionId)) ||
      (part.type === 'element' && nodesOf(part.tree).some((node) => node.actionId === actionId)),
  );
  if (shown !== true) throw new AppError('NOT_FOUND');
}

/** The fields of each element in which the button stands. */
function fieldsBeside(message: MessageRecord | null, actionId: string): Field[][] {
  const trees = (message?.parts ?? []).flatMap((part) => (part.type === 'element' ? [nodesOf(part.tree)] : []));
  const forms = trees.filter((nodes) => nodes.some((node) => node.actionId === actionId));
  return forms.map((nodes) => nodes.flatMap(({ field }) => (field === undefined ? [] : [field])));
}

function nodesOf(tree: CustomNode | undefined): CustomNode[] {
  return tree === undefined ? [] : [tree, ...(tree.children ?? []).flatMap((child) => nodesOf(child))];
}
