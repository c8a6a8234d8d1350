/** The reasons of a match in words. Machine values stay; only the words follow the language. */
import type { MatchCode, MatchFact } from './match-facts.ts';
import type { Locale, Texts } from './sentence-locale.ts';

const REASONS: Readonly<Record<MatchCode, Texts>> = {
  name_same: { en: 'same name', fr: 'même nom' },
  name_alike: { en: 'nearly the same name', fr: 'nom presque identique' },
  name_partly: { en: 'the names agree in part', fr: 'les noms concordent en partie' },
  name_other: { en: 'the names have little in common', fr: 'les noms ont peu en commun' },
  name_numbers_differ: {
    en: 'the names carry different numbers ({what})',
    fr: 'les noms portent des nombres différents ({what})',
  },
  name_number_missing: {
    en: 'one name carries a number the other lacks',
    fr: 'un nom porte un nombre que l’autre n’a pas',
  },
  name_words_differ: {
    en: 'each name says something the other does not',
    fr: 'chaque nom dit quelque chose que l’autre ne dit pas',
  },
  name_words_missing: {
    en: 'one name says more than the other',
    fr: 'un nom en dit plus que l’autre',
  },
  amount_same: { en: 'same amount', fr: 'même montant' },
  amount_tax: { en: 'amounts differ by {n} % tax', fr: 'montants à {n} % de taxe près' },
  amount_rounded: { en: 'amount rounded on one side', fr: 'montant arrondi d’un côté' },
  amount_unit: { en: 'same figure in another unit', fr: 'même chiffre dans une autre unité' },
  amount_near: { en: 'amounts {n} % apart', fr: 'montants à {n} % l’un de l’autre' },
  amount_differs: { en: 'amounts {n} % apart', fr: 'montants à {n} % l’un de l’autre' },
  currency_differs: { en: 'other currency ({what})', fr: 'autre devise ({what})' },
  date_same: { en: 'same close date', fr: 'même date de clôture' },
  date_near: { en: 'close dates {n} days apart', fr: 'dates de clôture à {n} jours' },
  date_far: { en: 'close dates {n} days apart', fr: 'dates de clôture à {n} jours' },
  owner_same: { en: 'same owner', fr: 'même propriétaire' },
  owner_differs: { en: 'other owner', fr: 'autre propriétaire' },
  created_same: { en: 'created on the same day', fr: 'créées le même jour' },
  standing_differs: {
    en: 'one is further along than the other',
    fr: 'l’une est plus avancée que l’autre',
  },
  rival: { en: 'fits {what} nearly as well', fr: 'convient presque aussi bien à {what}' },
  duplicate: {
    en: '{what} looks like the same deal entered twice',
    fr: '{what} semble être la même affaire saisie deux fois',
  },
  uncoupled: { en: 'was paired before and taken apart', fr: 'ont été appariées puis séparées' },
  own_key: { en: 'our key in both records', fr: 'notre clé dans les deux fiches' },
  linked: { en: 'linked by another connector', fr: 'liées par un autre connecteur' },
  accepted: { en: 'accepted by {what}', fr: 'acceptée par {what}' },
  apart: { en: 'kept apart by {what}', fr: 'tenues séparées par {what}' },
};

/** One fact as a few words, without a full stop. */
export function reasonText(fact: MatchFact, locale: Locale): string {
  return REASONS[fact.code][locale]
    .replace('{n}', fact.n === undefined ? '?' : String(fact.n))
    .replace('{what}', fact.what ?? '?');
}
