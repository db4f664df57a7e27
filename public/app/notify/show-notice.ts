import type { SystemNotice } from './notice-of.ts';

/** Shows a notification of the system. Phones do so only through the service worker, which then tells of the click. Never rejects. */
export async function showNotice(notice: SystemNotice, open: (path: string) => void): Promise<void> {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  const { title, body, tag, path } = notice;
  const { lang, dir } = document.documentElement;
  const options: NotificationOptions = { body, tag, lang, dir: dir === 'rtl' ? 'rtl' : 'ltr', icon: '/icon-192.png', data: { path } };
  try {
    const registration = 'serviceWorker' in navigator ? await navigator.serviceWorker.getRegistration() : undefined;
    if (registration !== undefined && registration.active !== null) return await registration.showNotification(title, options);
    const shown = new Notification(title, options);
    shown.addEventListener('click', () => {
      window.focus();
      open(path);
      shown.close();
    });
  } catch {
    // The system refuses it: the title of the page says what is new.
  }
}

/** Asks the browser's question; call it from a click. @returns whether notifications are allowed now */
export async function allowNotices(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  if (Notification.permission === 'default') await Notification.requestPermission().catch(() => 'denied');
  return Notification.permission === 'granted';
}
