/** `fa-IR` is `fa`; whatever we have no words for is English. */
export function localeOf(given: string | undefined): string {
  const language = given?.toLowerCase().split(/[-_]/, 1)[0] ?? '';
  return language === 'fa' || language === 'ar' ? language : 'en';
}
