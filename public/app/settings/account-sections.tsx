import '../../styles/account.css';
import { DataSection } from './data-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { SharesSection } from './shares-section.tsx';
import { UsageSection } from './usage-section.tsx';

export type AccountSection = 'sessions' | 'usage' | 'shares' | 'data';

/** The sections of the settings that are about the account; fetched when the first of them is opened. */
export function AccountSections({ section }: { readonly section: AccountSection }) {
  if (section === 'sessions') return <SessionsSection />;
  if (section === 'shares') return <SharesSection />;
  return section === 'usage' ? <UsageSection /> : <DataSection />;
}
