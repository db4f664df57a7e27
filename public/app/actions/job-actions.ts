import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Conversation, StoredFile } from '../../../src/protocol/shapes.ts';
import type { Job } from '../../../src/protocol/work-shapes.ts';
import { focusComposer } from '../shell/use-shortcuts.ts';
import type { AppState } from '../state/app-state.ts';
import type { I18n } from '../state/i18n.ts';
import type { JobWish, PictureFile } from '../state/pending-jobs.ts';
import { inWords } from '../state/plugin-words.ts';
import type { PluginAction } from '../state/plugins.ts';
import type { Toasts } from '../state/toasts.ts';
import type { Uploads } from '../state/uploads.ts';
import type { ActionCall } from './command-runner.ts';

export interface JobActionDeps {
  readonly state: AppState;
  readonly i18n: I18n;
  readonly toasts: Toasts;
  readonly uploads: Uploads<File>;
  readonly fail: (cause: unknown) => void;
  readonly invoke: (call: ActionCall) => void;
  /** Whether anybody can see the page. */
  readonly isVisible: () => boolean;
}

/** What is asked about before it runs: which work, with what, on which pictures. */
export interface WorkDraft {
  readonly kind?: string | undefined;
  readonly files: readonly PictureFile[];
  readonly params?: JobWish['params'] | undefined;
  readonly level?: JobWish['level'] | undefined;
  readonly conversationId?: string | undefined;
  /** It has no conversation yet and begins one. */
  readonly begins?: boolean | undefined;
}

/** What an action is pressed on. */
export interface ActionTarget {
  readonly file?: PictureFile;
  readonly text?: string;
  readonly conversationId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly begins?: boolean | undefined;
}

interface JobPlace {
  readonly id?: string;
  readonly conversationId?: string | undefined;
}

/** A card that is not among the newest messages is not looked for any longer. */
const wantedMs = 4000;

export interface JobActions {
  /** The work whose parameters are being chosen. */
  readonly draft: ReadonlySignal<WorkDraft | null>;
  /** Jobs that ended while nobody looked. */
  readonly unseen: ReadonlySignal<number>;
  titleOf(kind: string): string;
  run(draft: WorkDraft & { readonly kind: string }): void;
  runAction(action: PluginAction, target: ActionTarget): void;
  /** Opens the form of a work; null closes it. */
  choose(draft: WorkDraft | null): void;
  /** The same work on the same pictures. */
  draftOf(job: Job): WorkDraft & { readonly kind: string };
  cancel(job: Job): void;
  /** Puts a picture into the composer of the conversation that is shown, or was shown last. */
  attach(file: PictureFile): void;
  /** Goes to where a job is shown, and to its card there. */
  show(job: JobPlace): void;
  /** The job whose card shall come into sight. */
  readonly wanted: ReadonlySignal<string | null>;
  /** Its card is in sight. */
  found(id: string): void;
  /** The page is looked at again. */
  look(): void;
}

export function createJobActions(deps: JobActionDeps): JobActions {
  const { state, i18n } = deps;
  const draft = signal<WorkDraft | null>(null);
  const wanted = signal<string | null>(null);
  const missed = signal<ReadonlyMap<string, string | undefined>>(new Map());

  const titleOf = (kind: string) => {
    const known = state.plugins.processor(kind);
    return known === undefined ? kind : inWords(i18n, known.title);
  };

  /** The page of a new conversation becomes that of the work. */
  async function begin(wish: WorkDraft & { readonly kind: string }): Promise<void> {
    const { conversation } = await state.rest.post<{ conversation: Conversation }>('/api/conversations', { title: titleOf(wish.kind) });
    const { page, conversationId } = state.router.route.peek();
    if (page === 'chat' && conversationId === null) state.router.go(conversation.id, 'replace');
    run({ ...wish, begins: false, conversationId: conversation.id });
  }

  function run(wish: WorkDraft & { readonly kind: string }): void {
    const { kind, files, params = {}, level = 'auto', conversationId } = wish;
    if (wish.begins === true && conversationId === undefined) {
      begin(wish).catch((cause: unknown) => {
        deps.fail(cause);
        deps.uploads.putBack('', files.map(asStored));
      });
      return;
    }
    state.pendingJobs.submit({ kind, params, level, input: files.map(({ id }) => id), conversationId }, files);
    const { page, conversationId: shown } = state.router.route.peek();
    if (page === 'chat' && shown === (conversationId ?? null)) return;
    deps.toasts.add({
      text: i18n.t('job.begun', { title: titleOf(kind) }),
      tone: 'info',
      action: { label: i18n.t('job.show'), onSelect: () => show({ conversationId }) },
    });
  }

  function show({ id = null, conversationId }: { readonly id?: string | null } & Omit<JobPlace, 'id'>): void {
    if (conversationId === undefined) {
      state.router.open('jobs');
      return;
    }
    wanted.value = id;
    state.clock.after(wantedMs, () => id !== null && found(id));
    state.router.go(conversationId);
  }

  function found(id: string): void {
    if (wanted.peek() === id) wanted.value = null;
  }

  const isShown = (conversationId: string | undefined) => {
    const { page, conversationId: shown } = state.router.route.value;
    return page === 'jobs' || (page === 'chat' && conversationId !== undefined && shown === conversationId);
  };

  function ended(job: Job): void {
    if (job.status === 'cancelled' || (isShown(job.conversationId) && deps.isVisible())) return;
    missed.value = new Map(missed.peek()).set(job.id, job.conversationId);
    const done = job.status === 'succeeded';
    deps.toasts.add({
      text: i18n.t(done ? 'job.ended' : 'job.endedBadly', { title: titleOf(job.kind) }),
      tone: done ? 'success' : 'warning',
      action: { label: i18n.t('job.show'), onSelect: () => show(job) },
    });
  }

  function look(): void {
    if (missed.peek().size === 0 || !deps.isVisible()) return;
    const left = [...missed.peek()].filter(([, conversationId]) => !isShown(conversationId));
    if (left.length < missed.peek().size) missed.value = new Map(left);
  }

  state.jobs.onEnd(ended);
  effect(() => {
    void state.router.route.value;
    look();
  });

  return {
    draft,
    unseen: computed(() => missed.value.size),
    titleOf,
    run,
    show,
    wanted,
    found,
    look,
    choose(next) {
      draft.value = next;
    },
    runAction(action, target) {
      const { file, text, conversationId, begins } = target;
      if (action.kind === undefined) {
        deps.invoke({ action, label: inWords(i18n, action.title), ...target });
        return;
      }
      const wish = { kind: action.kind, files: file === undefined ? [] : [file], params: action.params, conversationId, begins };
      // Work on a text has the text as its prompt: the person sees it before it runs.
      if (text !== undefined && file === undefined) draft.value = { ...wish, params: { prompt: text.slice(0, 2000), ...action.params } };
      else run(wish);
    },
    draftOf(job) {
      const files = job.input.flatMap((id) => job.files.filter((file) => file.id === id));
      return { kind: job.kind, files, params: job.params, level: job.level, conversationId: job.conversationId };
    },
    cancel: (job) => void state.jobs.cancel(job.id).catch(deps.fail),
    attach(file) {
      if (state.router.route.peek().page !== 'chat') state.router.leave();
      deps.uploads.putBack(state.router.route.peek().conversationId ?? '', [asStored(file)]);
      // The composer of the conversation may have to be painted first.
      setTimeout(focusComposer);
      deps.toasts.add({ text: i18n.t('picture.attached'), tone: 'success' });
    },
  };
}

function asStored({ id, url, mime, name, width, height }: PictureFile): StoredFile {
  return {
    ...{ id, url, mime, size: 0 },
    ...(name === undefined ? {} : { name }),
    ...(width === undefined || height === undefined ? {} : { width, height }),
  };
}
