import '../../styles/account.css';
import { DataSection } from './data-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { UsageSection } from './usage-section.tsx';

export type AccountSection = 'sessions' | 'usage' | 'data';

/** The sections of the settings that are about the account; fetched when the first of them is opened. */
export function AccountSections({ section }: { readonly section: AccountSection }) {
  if (section === 'sessions') return <SessionsSection />;
  return section === 'usage' ? <UsageSection /> : <DataSection />;
}
