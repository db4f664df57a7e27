import type { SurfaceBytes, SurfaceElement } from '../../core/index.ts';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { JsonValue } from '../../lib/document-store.ts';
import { type CustomNode, type ElementPart, type Part, partKey, partSchema, type StoredFile } from '../../protocol/index.ts';
import { storableJson } from '../jobs/storable-json.ts';
import type { PartEvent, PartPlace, SurfaceFiles } from './surface-ports.ts';

/** Longest input or output of a step, and longest text of an element, in characters; the rest is cut off and said to be. */
const MAX_STEP = 64 * 1024;
const MAX_TEXT = 256 * 1024;
/** Of one part, in characters of JSON. */
const MAX_PART = 1024 * 1024;

/** The plugin's fault and not the person's, who did not make it. */
const noPicture: ReadonlySet<string> = new Set(['IMAGE_UNREADABLE', 'UNSUPPORTED_MEDIA']);

export interface NewQuestion {
  readonly name: string;
  readonly spec: Extract<PartEvent, { type: 'ask' }>['spec'];
  readonly state: JsonValue;
  readonly expiresInSeconds: number | undefined;
}

export interface SurfacePartsOptions {
  readonly files: SurfaceFiles;
  /** Stores a question. @returns its part */
  readonly putAsk: (place: PartPlace, question: NewQuestion) => Promise<Extract<Part, { type: 'ask' }>>;
  /** Whether the plugin declares this action for parts. */
  readonly hasAction: (plugin: string, action: string) => boolean;
  readonly clock: Clock;
}

/** Makes parts of messages out of what plugins show: bytes become files, questions become rows, ids get the name of the plugin. */
export class SurfaceParts {
  readonly #options: SurfacePartsOptions;

  constructor(options: SurfacePartsOptions) {
    this.#options = options;
  }

  /** How a part will be known in its message, for those that can come again. */
  static keyOf(plugin: string, event: PartEvent): string | null {
    switch (event.type) {
      case 'step':
      case 'actions':
      case 'tasks':
        return `${event.type}:${idIn(plugin, event.id)}`;
      case 'element':
        return `element:${idIn(plugin, event.element.id)}`;
      case 'remove':
        return `${event.of}:${idIn(plugin, event.id)}`;
      case 'ask':
        return null;
    }
  }

  /**
   * @param shown the message so far: a step keeps the time at which it began
   * @throws AppError PLUGIN_FAILED for what cannot be shown, TOO_LARGE for bytes that the person has no room for
   */
  async partOf(event: PartEvent, place: PartPlace, shown: readonly Part[]): Promise<Part> {
    const part = await this.#partOf(event, place, shown);
    // Names of members that no document may hold are left out.
    const parsed = partSchema.safeParse(storableJson(part));
    if (!parsed.success || JSON.stringify(parsed.data).length > MAX_PART) throw failed(place.plugin);
    return parsed.data;
  }

  async #partOf(event: PartEvent, place: PartPlace, shown: readonly Part[]): Promise<JsonValue> {
    const { plugin } = place;
    switch (event.type) {
      case 'step':
        return this.#step(event, plugin, shown);
      case 'element':
        return this.#element(event.element, place);
      case 'actions': {
        const items = event.items.map(({ action, ...item }) => ({ ...item, actionId: this.#actionId(plugin, action) }));
        return { type: 'actions', actionsId: idIn(plugin, event.id), items };
      }
      case 'ask': {
        const { name, spec, state = null, expiresInSeconds } = event;
        return this.#options.putAsk(place, { name, spec, state, expiresInSeconds });
      }
      case 'tasks': {
        const { title, items } = event;
        return { type: 'tasks', tasksId: idIn(plugin, event.id), ...(title === undefined ? {} : { title }), items: [...items] };
      }
      case 'remove':
        return { type: 'removed', of: event.of, id: idIn(plugin, event.id) };
    }
  }

  #step(event: Extract<PartEvent, { type: 'step' }>, plugin: string, shown: readonly Part[]): Part {
    const { type, id, parentId, input, output, ...rest } = event;
    const stepId = idIn(plugin, id);
    const known = shown.find((part) => partKey(part) === `step:${stepId}`);
    const now = isoTime(this.#options.clock.now());
    const startedAt = known?.type === 'step' ? (known.startedAt ?? now) : now;
    return {
      type,
      stepId,
      ...rest,
      ...(parentId === undefined ? {} : { parentStepId: idIn(plugin, parentId) }),
      ...(input === undefined ? {} : { input: cut(input, MAX_STEP) }),
      ...(output === undefined ? {} : { output: cut(output, MAX_STEP) }),
      startedAt,
      ...(rest.status === 'running' ? {} : { endedAt: now }),
    };
  }

  async #element(element: SurfaceElement, place: PartPlace): Promise<ElementPart> {
    const { plugin } = place;
    const { id, kind, name, display = 'inline', size } = element;
    const common = { type: 'element' as const, elementId: idIn(plugin, id), name, display, ...(size === undefined ? {} : { size }) };
    const alt = 'alt' in element && element.alt !== undefined ? { alt: element.alt } : {};
    switch (element.kind) {
      case 'image':
        return { ...common, kind, ...alt, file: fileOf(await this.#picture(element.bytes, place)) };
      case 'pdf':
      case 'audio':
      case 'video':
      case 'file':
        return { ...common, kind, file: fileOf(await this.#plain(element.bytes, place)) };
      case 'text': {
        const language = element.language === undefined ? {} : { language: element.language };
        return { ...common, kind, text: cut(element.text, MAX_TEXT), ...language };
      }
      case 'table':
        return { ...common, kind, table: element.table };
      case 'plot':
        return { ...common, kind, ...alt, plot: element.plot };
      case 'custom': {
        const picture = element.bytes === undefined ? null : await this.#picture(element.bytes, place);
        const tree = this.#tree(element.tree, plugin, picture?.id);
        return { ...common, kind, tree, ...(picture === null ? {} : { file: fileOf(picture) }) };
      }
    }
  }

  /** Buttons name actions of this plugin alone, pictures the one of this element. */
  #tree(node: CustomNode, plugin: string, pictureId: string | undefined): CustomNode {
    const { fileId: _given, actionId, url, children, ...rest } = node;
    return {
      ...rest,
      ...(node.node === 'image' && pictureId !== undefined ? { fileId: pictureId } : {}),
      ...(actionId === undefined ? {} : { actionId: this.#actionId(plugin, actionId) }),
      ...(url !== undefined && /^https?:\/\//i.test(url) ? { url } : {}),
      ...(children === undefined ? {} : { children: children.map((child) => this.#tree(child, plugin, pictureId)) }),
    };
  }

  #actionId(plugin: string, action: string): string {
    const name = action.startsWith(`${plugin}.`) ? action.slice(plugin.length + 1) : action;
    if (!this.#options.hasAction(plugin, name)) throw failed(plugin);
    return `${plugin}.${name}`;
  }

  async #picture({ data, name }: SurfaceBytes, place: PartPlace): Promise<StoredFile> {
    const { files } = this.#options;
    const file = await files.storeGenerated(place.ownerId, { data, ...(name === undefined ? {} : { name }) }).catch((error: unknown) => {
      throw noPicture.has(AppError.from(error).code) ? failed(place.plugin) : error;
    });
    await files.refer(place.ownerId, [file.id], place.conversationId);
    return file;
  }

  async #plain({ mime, data, name }: SurfaceBytes, place: PartPlace): Promise<StoredFile> {
    const { files } = this.#options;
    const file = await files.storePlain(place.ownerId, { mime, name, source: data });
    await files.refer(place.ownerId, [file.id], place.conversationId);
    return file;
  }
}

/** Two plugins that write into one message never touch each other's parts. */
export function idIn(plugin: string, id: string): string {
  return `${plugin}.${id}`;
}

function fileOf({ id, url, mime, size, width, height }: StoredFile): NonNullable<ElementPart['file']> {
  return { fileId: id, url, mime, size, ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}\n…`;
}

function failed(plugin: string): AppError {
  return new AppError('PLUGIN_FAILED', { params: { plugin } });
}
