import { z } from 'zod';

const share = z.number().min(0).max(1);
const count = z.int().min(0).max(1_000_000_000);
const ABOVE = 'the share only counts above this number';
const OFF = 'false switches it off';

/** Limits of what a run may change by itself (design section 8); the defaults are those of src/core/brakes.ts. */
export const brakes = z.strictObject({
  changed: z
    .union([
      z.literal(false),
      z.strictObject({
        share: share.default(0.1).describe('share of the linked records, 0 to 1'),
        above: count.default(20).describe(ABOVE),
        most: count.default(500).describe('more are never changed by themselves'),
      }),
    ])
    .default({ share: 0.1, above: 20, most: 500 })
    .describe(`linked records with a changed field of the teams; ${OFF}`),
  flips: z
    .union([
      z.literal(false),
      z.strictObject({
        share: share.default(0.02).describe('share of the linked records, 0 to 1'),
        above: count.default(10).describe(ABOVE),
        most: count.default(50).describe('more never flip by themselves'),
      }),
    ])
    .default({ share: 0.02, above: 10, most: 50 })
    .describe(`linked records that go from open to closed or back; ${OFF}`),
  amounts: z
    .union([
      z.literal(false),
      z.strictObject({
        share: share.default(0.05).describe('share of the open pipeline of one CRM in one currency, 0 to 1'),
        above: count.default(5).describe(ABOVE),
      }),
    ])
    .default({ share: 0.05, above: 5 })
    .describe(`by how much amounts may move in all, up and down added; ${OFF}`),
  creates: z
    .union([
      z.literal(false),
      z.strictObject({
        share: share.default(0.05).describe('share of the linked records, 0 to 1'),
        above: count.default(5).describe(ABOVE),
        most: count.default(100).describe('more are never created by themselves'),
      }),
    ])
    .default({ share: 0.05, above: 5, most: 100 })
    .describe(`new counterparts; ${OFF}`),
  vanished: z
    .union([
      z.literal(false),
      z.strictObject({
        share: share.default(0.1).describe('share of the records known of a CRM, 0 to 1'),
        above: count.default(20).describe(ABOVE),
      }),
    ])
    .default({ share: 0.1, above: 20 })
    .describe(`records missing from a complete reading, or newly deleted; ${OFF}`),
});
