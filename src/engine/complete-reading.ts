/** How often everything is read although changes would do: it heals what readings of changes missed, deletions first. */
export const FULL_EVERY_MS = 24 * 3_600_000;
