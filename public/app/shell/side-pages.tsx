import { JobShape } from '../jobs/job-shape.tsx';
import { HeldFocus } from './held-focus.tsx';
import { later } from './later.tsx';
import { lazy } from './lazy.tsx';

/** Pages besides the conversations; each is a file of its own that is fetched when it is opened. */
export const AdminPage = lazy(async () => (await import('../admin/admin-page.tsx')).AdminPage);
export const DoctorPage = lazy(async () => (await import('../doctor/doctor-page.tsx')).DoctorPage);
export const JobsPage = lazy(async () => (await import('../jobs/jobs-page.tsx')).JobsPage);
export const GalleryPage = lazy(async () => (await import('../jobs/gallery-page.tsx')).GalleryPage);
export const PluginsPage = lazy(async () => (await import('../plugins/plugins-page.tsx')).PluginsPage);
export const ArchivePage = lazy(async () => (await import('../library/archive-page.tsx')).ArchivePage);
export const TrashPage = lazy(async () => (await import('../library/trash-page.tsx')).TrashPage);

/** A shared copy, for anybody with the link. */
export const SharedPage = lazy(async () => (await import('../share/shared-page.tsx')).SharedPage);

/** Image work in a conversation. */
export const JobCard = lazy(async () => (await import('../jobs/job-card.tsx')).JobCard, JobShape);
export const PendingJobCard = lazy(async () => (await import('../jobs/pending-job-card.tsx')).PendingJobCard, JobShape);
export const WorkForm = lazy(async () => (await import('../jobs/work-form.tsx')).WorkForm);

/** What `/doctor` answers in a chat. */
export const FindingRows = lazy(async () => (await import('../doctor/finding-list.tsx')).FindingList);

/** What `/jobs` answers in a chat. */
export const JobRows = lazy(async () => (await import('../jobs/job-rows.tsx')).JobRows);

/** The field to find words in a conversation. */
export const FindBar = lazy(async () => (await import('../find/find-bar.tsx')).FindBar, HeldFocus);

/** What the dialog of the settings shows. */
export const SettingsBody = lazy(async () => (await import('../settings/settings-body.tsx')).SettingsBody);

/** What can be read while the server cannot be reached. */
export const OfflineChats = later(async () => (await import('../offline/offline-chats.tsx')).OfflineChats);
