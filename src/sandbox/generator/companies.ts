import { LATIN_COUNTRIES } from './countries-latin.ts';
import { OTHER_COUNTRIES } from './countries-other.ts';
import { type Country, native, slug } from './country.ts';
import { hubspotId, salesforceId } from './record-ids.ts';

/** Scripts alternate, so that even a small portfolio shows several. */
export const COUNTRIES: readonly Country[] = LATIN_COUNTRIES.flatMap((country, index) => {
  const other = OTHER_COUNTRIES[index];
  return other === undefined ? [country] : [country, other];
});

export interface Company {
  readonly country: Country;
  readonly name: string;
  readonly domain: string;
  readonly city: string;
  readonly salesforceId: string;
  readonly hubspotId: string;
}

const DEALS_PER_COMPANY = 7;
/** Coprime to every count of names, so that neighbours do not share their first word. */
const STRIDE = 37;

export function companyCount(records: number): number {
  return Math.max(1, Math.ceil(records / DEALS_PER_COMPANY));
}

/** The nth company: names and domains are distinct for every n. */
export function companyAt(index: number): Company {
  const country = COUNTRIES[index % COUNTRIES.length] as Country;
  const nth = Math.floor(index / COUNTRIES.length);
  const { heads, tails, cities } = country;
  const names = heads.length * tails.length;
  const which = (nth * STRIDE + 11) % names;
  const round = Math.floor(nth / names);
  const head = heads[which % heads.length] ?? '';
  const tail = tails[Math.floor(which / heads.length)] ?? '';
  const branch = round === 0 ? '' : ` ${cities[(round - 1) % cities.length]}`;
  const number = round <= cities.length ? '' : ` ${Math.floor((round - 1) / cities.length) + 1}`;
  const name = country.pattern.replace('{head}', native(head)).replace('{tail}', native(tail));
  return {
    country,
    name: `${name}${branch}${number}`,
    domain: `${slug(head)}-${slug(tail)}${round === 0 ? '' : `-${round + 1}`}.${country.code}.example`,
    city: cities[index % cities.length] ?? '',
    salesforceId: salesforceId('001', index),
    hubspotId: hubspotId('company', index),
  };
}
