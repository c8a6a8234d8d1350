/** The stages a new org ships with: name, probability, forecast category, closed, won. */
export const STANDARD_STAGES: readonly (readonly [string, number, string, boolean, boolean])[] = [
  ['Prospecting', 10, 'Pipeline', false, false],
  ['Qualification', 10, 'Pipeline', false, false],
  ['Needs Analysis', 20, 'Pipeline', false, false],
  ['Value Proposition', 50, 'Pipeline', false, false],
  ['Id. Decision Makers', 60, 'Pipeline', false, false],
  ['Perception Analysis', 70, 'BestCase', false, false],
  ['Proposal/Price Quote', 75, 'BestCase', false, false],
  ['Negotiation/Review', 90, 'Forecast', false, false],
  ['Closed Won', 100, 'Closed', true, true],
  ['Closed Lost', 0, 'Omitted', true, false],
];
