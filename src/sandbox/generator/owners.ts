import type { SandboxRandom } from '../simulator.ts';
import { slug } from './country.ts';
import { hubspotId, salesforceId } from './record-ids.ts';

/** A salesperson. The same e-mail address in both CRMs is what tells that two owners are one person. */
export interface Owner {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** Left the company: inactive in Salesforce, archived in HubSpot, still owner of old deals. */
  readonly active: boolean;
  readonly inSalesforce: boolean;
  readonly inHubspot: boolean;
  readonly salesforceId: string;
  readonly hubspotId: string;
}

/** The sales team, by where its people can be found. */
export interface Team {
  readonly all: readonly Owner[];
  /** Active in both CRMs. */
  readonly shared: readonly Owner[];
  readonly former: readonly Owner[];
  readonly salesforceOnly: readonly Owner[];
  readonly hubspotOnly: readonly Owner[];
}

const FIRST_NAMES = [
  'Aurélie',
  'Jonas',
  'Mireille',
  'Tomasz',
  'Ingrid',
  'Rafael',
  'Sunniva',
  'Kenji',
  'Beatriz',
  'Oskar',
  'Leïla',
  'Marek',
  'Fiona',
  'Davide',
  'Yara',
  'Anneke',
  'Nikos',
  'Priya',
  'Callum',
  'Hyejin',
  'Zoé',
  'Emil',
  'Xiu',
  'Samir',
];
const LAST_NAMES = [
  'Valtournel',
  'Brandwieser',
  'Okkerman',
  'Zawiślak',
  'Lindqvarn',
  'Moretálvez',
  'Tanizawara',
  'Ferrinucci',
  'Ashdowne',
  'Papakostrou',
  'Quintanelha',
  'Söderfalk',
  'Merrigold',
  'Haddouane',
  'Bhattiwal',
  'Kimsoré',
  'Delacroisil',
  'Wrenfield',
  'Jastrzębin',
];
const MAIL_DOMAIN = 'northlight.example';
const SMALLEST_TEAM = 10;
const LARGEST_TEAM = 48;
const DEALS_PER_OWNER = 400;

/** A team that fits the number of deals; about one in nine has left, two are known to each CRM alone. */
export function teamFor(records: number, random: SandboxRandom): Team {
  const size = Math.min(LARGEST_TEAM, SMALLEST_TEAM + Math.floor(records / DEALS_PER_OWNER));
  const shift = random.int(0, LAST_NAMES.length - 1);
  const all = Array.from({ length: size }, (_, index): Owner => {
    const firstName = FIRST_NAMES[index % FIRST_NAMES.length] ?? '';
    const lastName = LAST_NAMES[(index + shift) % LAST_NAMES.length] ?? '';
    return {
      firstName,
      lastName,
      email: `${slug(firstName)}.${slug(lastName)}@${MAIL_DOMAIN}`,
      active: index % 9 !== 8,
      inSalesforce: index !== 0 && index !== 1,
      inHubspot: index !== 2 && index !== 3,
      salesforceId: salesforceId('005', index),
      hubspotId: hubspotId('owner', index),
    };
  });
  return {
    all,
    shared: all.filter((owner) => owner.active && owner.inSalesforce && owner.inHubspot),
    former: all.filter((owner) => !owner.active),
    salesforceOnly: all.filter((owner) => !owner.inHubspot),
    hubspotOnly: all.filter((owner) => !owner.inSalesforce),
  };
}
