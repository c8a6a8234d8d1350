import { z } from 'zod';

/** One secret, or the new and the old one while it is being changed. Each at least `shortest` characters. */
export function webhookSecrets(shortest: number) {
  const secret = z.string().trim().min(shortest, `must have at least ${shortest} characters`);
  return z
    .union([secret, z.array(secret).min(1).max(2)])
    .transform((given) => [given].flat())
    .default([]);
}
