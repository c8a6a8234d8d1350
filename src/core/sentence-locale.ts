/** The languages sentences and rule descriptions are written in. Machine values never change with it. */
export type Locale = 'en' | 'fr';

/** A text in every locale. */
export type Texts = Readonly<Record<Locale, string>>;
