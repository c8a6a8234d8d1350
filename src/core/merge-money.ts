import { isBlank, sameValue } from './compare.ts';
import type { MergeDecision } from './merge.ts';
import type { Fields } from './opportunity.ts';

interface MoneySide {
  readonly crm: string;
  readonly fields: Fields;
}

/**
 * An amount means nothing without its currency: 200 USD must not become 200 EUR because one side moved the number and the
 * other the currency. An amount is carried only where both sides hold the same currency afterwards; otherwise a person
 * decides both. A currency that was not read on a side (an org with one currency) leaves the amount alone to its own merge.
 *
 * @param decisions by field, as merged one by one; fields other than `amount` and `currency` come back unchanged
 */
export function bindMoney(
  decisions: ReadonlyMap<string, MergeDecision>,
  a: MoneySide,
  b: MoneySide,
): ReadonlyMap<string, MergeDecision> {
  const amount = decisions.get('amount');
  const currency = decisions.get('currency');
  const [currencyA, currencyB] = [a.fields['currency'], b.fields['currency']];
  if (amount === undefined || currencyA === undefined || currencyB === undefined) return decisions;
  if (sameValue('currency', currencyA, currencyB) || isBlank(currencyA) || isBlank(currencyB))
    return decisions;

  const carried = currency?.is === 'copy';
  const together = carried && amount.is === 'copy' && amount.from === currency.from;
  // The number stands on both sides and only its currency was corrected: the currency alone goes over.
  const corrected = carried && amount.is === 'equal';
  if (together || corrected) return decisions;
  const settled = new Map(decisions);
  if (amount.is === 'copy') settled.set('amount', { is: 'conflict' });
  if (carried && amount.is !== 'absent') settled.set('currency', { is: 'conflict' });
  return settled;
}
