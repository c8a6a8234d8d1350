import { z } from 'zod';

/** One secret, or the new and the old one while it is being changed. Each at least `shortest` characters. */
export function webhookSecrets(shortest: number) {
  const enough =
    shortest === 1
      ? 'must not be empty'
      : `must have at least ${shortest} characters, as "openssl rand -hex 32" makes them`;
  const secret = z.string().trim().min(shortest, enough);
  return z
    .union(
      [secret, z.array(secret).min(1).max(2)],
      `must be one secret or two, as [new, old]; each ${enough}`,
    )
    .transform((given) => [given].flat())
    .default([]);
}
