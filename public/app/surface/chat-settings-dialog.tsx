import '../../styles/surface.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Field } from '../../../src/protocol/surface-shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import type { DialogProps } from '../shell/dialog-host.tsx';
import { inWords } from '../state/plugin-words.ts';
import { type RequestError, toRequestError } from '../state/request-error.ts';
import { changesOf, type FieldProblem, type FieldValues, problemsOf, startOf } from '../state/surface-fields.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { FieldForm, focusProblem } from './field-form.tsx';

/** A plugin is told of changes when the person pauses. */
const pauseMs = 400;
const none: ReadonlyMap<string, FieldProblem> = new Map();

/** The settings of one chat, as its profile declares them. The plugin may change the fields while they are filled in. */
export function ChatSettingsDialog({ request, onClose }: DialogProps<'chat-settings'>) {
  const { state, i18n } = useApp();
  const { t } = i18n;
  const { conversationId } = request;
  const profile = state.surface.profile(conversationId);
  const form = useChatSettings(conversationId, profile?.fields ?? []);
  const body = useRef<HTMLFormElement>(null);
  return (
    <Dialog
      open
      onClose={onClose}
      title={profile === null ? t('chatSettings.open') : t('chatSettings.of', { name: inWords(i18n, profile.title) })}
      closeLabel={t('action.close')}
      footer={
        <>
          <Button variant="ghost" onClick={form.reset}>
            {t('chatSettings.reset')}
          </Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button variant="primary" busy={form.busy} onClick={() => body.current?.requestSubmit()}>
            {t('action.save')}
          </Button>
        </>
      }
    >
      <form
        ref={body}
        class="ask-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const found = form.check();
          if (found.size > 0) focusProblem(body.current, found);
          else void form.save().then((saved) => saved && onClose());
        }}
      >
        {form.error === null ? null : (
          <p class="ui-field-error" role="alert">
            <Icon name="alert" size="sm" />
            {explain(i18n, form.error)}
          </p>
        )}
        <FieldForm fields={form.fields} values={form.values} problems={form.problems} onChange={form.change} />
      </form>
    </Dialog>
  );
}

function useChatSettings(conversationId: string, declared: readonly Field[]) {
  const { state } = useApp();
  const kept = state.settings.effective(conversationId).values ?? {};
  const [fields, setFields] = useState(declared);
  const [values, setValues] = useState<FieldValues>(() => startOf(declared, kept));
  const [problems, setProblems] = useState(none);
  const [error, setError] = useState<RequestError | null>(null);
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const forget = () => {
    turn.current += 1;
    clearTimeout(timer.current);
  };
  useEffect(() => {
    // What is kept may have changed the fields already.
    if (Object.keys(kept).length > 0) edit(values, 0);
    return forget;
  }, []);

  function edit(next: FieldValues, afterMs = pauseMs): void {
    forget();
    const own = turn.current;
    timer.current = setTimeout(() => {
      state.connection.request({ type: 'settings.edit', conversationId, values: { ...next } }).then(
        (answer) => {
          // What was typed meanwhile counts more.
          if (answer.type !== 'settings.fields' || own !== turn.current) return;
          setFields(answer.fields);
          setValues(startOf(answer.fields, { ...next, ...answer.values }));
        },
        () => {}, // The fields stay as they are; saving says what is wrong.
      );
    }, afterMs);
  }

  return {
    ...{ fields, values, problems, error, busy },
    change(next: FieldValues) {
      setValues(next);
      setProblems(none);
      edit(next);
    },
    reset() {
      const next = startOf(declared);
      setFields(declared);
      setValues(next);
      setProblems(none);
      edit(next);
    },
    check() {
      const found = problemsOf(fields, values);
      setProblems(found);
      return found;
    },
    async save() {
      forget();
      setBusy(true);
      setError(null);
      try {
        await state.settings.update(conversationId, { values: { ...changesOf(fields, values) } });
        return true;
      } catch (cause) {
        const refusal = toRequestError(cause);
        const field = refusal.details?.params?.['field'];
        if (typeof field === 'string' && fields.some(({ id }) => id === field))
          setProblems(new Map([[field, { key: 'field.refused', params: {} }]]));
        else setError(refusal);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
