import type { SandboxRandom } from '../simulator.ts';

/** Rough worth of one US dollar, so that amounts look right in each currency; not an exchange rate to compute with. */
const PER_DOLLAR: Readonly<Record<string, number>> = {
  USD: 1,
  EUR: 0.9,
  GBP: 0.8,
  JPY: 150,
  CNY: 7,
  KRW: 1_350,
  PLN: 4,
  SEK: 10.5,
  BRL: 5.5,
  INR: 84,
  AED: 3.7,
};
const NO_MINOR_UNIT = new Set(['JPY', 'KRW']);

/** Every currency of the portfolio; both CRMs must have them switched on. */
export const CURRENCIES: readonly string[] = Object.keys(PER_DOLLAR);

/** Most deals are small and a few are very large: log-normal around 14,000 dollars. Decimal text, at most two places. */
export function drawAmount(currency: string, random: SandboxRandom): string {
  const worth = Math.exp(9.55 + 1.1 * normal(random)) * (PER_DOLLAR[currency] ?? 1);
  const style = random.next();
  if (style < 0.6) {
    const step = 10 ** Math.max(0, Math.floor(Math.log10(worth)) - 1);
    return String(Math.max(step, Math.round(worth / step) * step));
  }
  if (style < 0.85 || NO_MINOR_UNIT.has(currency)) return String(Math.max(1, Math.round(worth)));
  const cents = Math.max(1, Math.round(worth * 100));
  return trimmed(cents);
}

/** Another amount near the given one, never the same. */
export function nearbyAmount(amount: string, currency: string, random: SandboxRandom): string {
  const factor = random.pick([0.8, 0.9, 0.95, 1.1, 1.2, 1.5]);
  const changed = NO_MINOR_UNIT.has(currency)
    ? String(Math.round(Number(amount) * factor))
    : trimmed(Math.round(Number(amount) * factor * 100));
  return changed === amount ? String(Number(amount) + 1) : changed;
}

function trimmed(cents: number): string {
  const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  return text.replace(/\.?0+$/, '').replace(/^$/, '0');
}

/** Box and Muller: a standard normal from two uniform draws. */
function normal(random: SandboxRandom): number {
  const distance = Math.sqrt(-2 * Math.log(1 - random.next()));
  return distance * Math.cos(2 * Math.PI * random.next());
}
