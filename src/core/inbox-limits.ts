/** Events of one sync that may wait for a run: with so many more are refused, and sent again by the CRM. */
export const MOST_WAITING = 200_000;
