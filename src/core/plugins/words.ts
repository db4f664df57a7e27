/** A text in the languages of our users. English is the fallback where a translation is missing. */
export interface Words {
  readonly en: string;
  readonly fa?: string;
  readonly ar?: string;
}
