import { useState } from 'preact/hooks';
import type { AccountInfo } from '../../../src/protocol/shapes.ts';
import { explain } from '../actions/explain.ts';
import { useApp } from '../app-context.ts';
import { useSubmit } from '../auth/use-submit.ts';
import { parseCents } from '../state/amounts.ts';
import type { People } from '../state/people.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/text-field.tsx';

export interface BudgetFormProps {
  readonly people: People;
  readonly account: AccountInfo;
  readonly onDone: () => void;
}

/** `null` is what the server allows everybody, 0 is no limit. */
type Kind = 'server' | 'none' | 'own';

interface Draft {
  readonly kind: Kind;
  readonly text: string;
}

const draftOf = (amount: number | null): Draft => ({
  kind: amount === null ? 'server' : amount === 0 ? 'none' : 'own',
  text: amount === null || amount === 0 ? '' : (amount / 100).toFixed(2),
});

/** Cents, null for the server's, undefined while what is typed is no sum. */
function centsOf({ kind, text }: Draft): number | null | undefined {
  if (kind !== 'own') return kind === 'none' ? 0 : null;
  const amount = parseCents(text);
  return amount === null || amount === 0 ? undefined : amount;
}

export function BudgetForm({ people, account, onDone }: BudgetFormProps) {
  const { i18n, toasts } = useApp();
  const { t } = i18n;
  const [day, setDay] = useState(() => draftOf(account.budget.centsPerDay));
  const [month, setMonth] = useState(() => draftOf(account.budget.centsPerMonth));
  const [tried, setTried] = useState(false);
  const [centsPerDay, centsPerMonth] = [centsOf(day), centsOf(month)];
  const { busy, error, submit } = useSubmit(async () => {
    setTried(true);
    if (centsPerDay === undefined || centsPerMonth === undefined) return;
    await people.change(account.id, { budget: { centsPerDay, centsPerMonth } });
    toasts.add({ text: t('budget.saved', { name: account.name }), tone: 'success' });
    onDone();
  });
  return (
    <form class="settings-form" onSubmit={submit}>
      <p class="page-lead">{t('budget.lead')}</p>
      <Limit name="day" draft={day} wrong={tried && centsPerDay === undefined} onChange={setDay} />
      <Limit name="month" draft={month} wrong={tried && centsPerMonth === undefined} onChange={setMonth} />
      {error === null ? null : (
        <p class="form-error" role="alert">
          {explain(i18n, error)}
        </p>
      )}
      <div class="form-buttons">
        <Button onClick={onDone}>{t('action.cancel')}</Button>
        <Button type="submit" variant="primary" busy={busy}>
          {t('action.save')}
        </Button>
      </div>
    </form>
  );
}

interface LimitProps {
  readonly name: 'day' | 'month';
  readonly draft: Draft;
  readonly wrong: boolean;
  readonly onChange: (draft: Draft) => void;
}

const kinds: readonly Kind[] = ['server', 'none', 'own'];

function Limit({ name, draft, wrong, onChange }: LimitProps) {
  const { i18n } = useApp();
  const { t } = i18n;
  return (
    <div class="budget-limit">
      <label class="form-field">
        <span class="ui-field-label">{t(`budget.${name}`)}</span>
        <select
          class="select"
          autofocus={name === 'day'}
          value={draft.kind}
          onChange={(event) => onChange({ ...draft, kind: kinds.find((kind) => kind === event.currentTarget.value) ?? 'server' })}
        >
          <option value="server">{t('budget.asServer')}</option>
          <option value="none">{t('budget.none')}</option>
          <option value="own">{t('budget.own')}</option>
        </select>
      </label>
      {draft.kind === 'own' ? (
        <TextField
          label={t(`budget.${name}Amount`)}
          inputMode="decimal"
          autocomplete="off"
          dir="ltr"
          value={draft.text}
          error={wrong ? t('budget.wrong') : undefined}
          onInput={(event) => onChange({ ...draft, text: event.currentTarget.value })}
        />
      ) : null}
    </div>
  );
}
