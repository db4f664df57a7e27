import type { Signal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Actions } from './actions/actions.ts';
import type { AccountTransfers } from './state/account-transfers.ts';
import type { AppState } from './state/app-state.ts';
import type { DeviceChoices } from './state/device-choices.ts';
import type { Dialogs } from './state/dialogs.ts';
import type { I18n } from './state/i18n.ts';
import type { Reading } from './state/reading.ts';
import type { Theme } from './state/theme.ts';
import type { Toasts } from './state/toasts.ts';
import type { Uploads } from './state/uploads.ts';

export interface App {
  readonly state: AppState;
  readonly i18n: I18n;
  readonly theme: Theme;
  readonly toasts: Toasts;
  readonly uploads: Uploads<File>;
  readonly actions: Actions;
  readonly dialogs: Dialogs;
  readonly reading: Reading;
  /** What the person chose for this browser. */
  readonly device: DeviceChoices;
  /** Made when the section of the settings that shows it is opened first. */
  readonly transfers: Signal<AccountTransfers | null>;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('AppContext is missing above this component');
  return app;
}
