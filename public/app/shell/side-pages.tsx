import { lazy } from './lazy.tsx';

/** Pages besides the conversations; each is a file of its own that is fetched when it is opened. */
export const AdminPage = lazy(async () => (await import('../admin/admin-page.tsx')).AdminPage);
export const DoctorPage = lazy(async () => (await import('../doctor/doctor-page.tsx')).DoctorPage);

/** What `/doctor` answers in a chat. */
export const FindingRows = lazy(async () => (await import('../doctor/finding-list.tsx')).FindingList);

/** Sections of the settings. */
export const AccountSections = lazy(async () => (await import('../settings/account-sections.tsx')).AccountSections);
