/** Engines that make counterparts in a broken way. */
import type { Connector, Creator } from '../../src/core/connector-port.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { storeWith } from './planted-bugs.ts';

function withCreator(change: (real: Creator) => Creator): (connector: Connector) => Connector {
  return (real) => (real.creator === undefined ? real : { ...real, creator: change(real.creator) });
}

let made = 0;

export const PLANTED_CREATIONS: readonly PlantedBug[] = [
  {
    what: 'creates records without their key',
    plants: () => ({
      connector: withCreator((real) => ({
        ...real,
        readByKeys: async () => [],
        create: async (records, ...given) => {
          const named = records.map((record) => {
            made += 1;
            return { ...record, key: `${record.key}#${made}` };
          });
          const answers = await real.create(named, ...given);
          return answers.map((answer, index) => ({ ...answer, key: records[index]?.key ?? '' }));
        },
      })),
    }),
    breaks: ['I8'],
  },
  {
    what: 'does not look for what it may have created before it died',
    plants: () => ({ connector: withCreator((real) => ({ ...real, readByKeys: async () => [] })) }),
    breaks: ['I1', 'I3', 'I4', 'I5', 'I8'],
  },
  {
    what: 'creates anew what somebody deleted',
    plants: () => ({
      store: storeWith({
        loadGroups: async (real, sync, groups) =>
          (await real.loadGroups(sync, groups)).flatMap((group) => {
            const [gone, left] = [true, false].map((is) =>
              group.members.filter(({ deleted }) => deleted === is),
            );
            if (gone?.length === 0 || left === undefined) return [group];
            const forgotten = left.map((member) => ({ ...member, pairKey: null, linkedId: null }));
            return [
              { ...group, members: gone ?? [] },
              { ...group, pair: null, members: forgotten },
            ];
          }),
      }),
      connector: withCreator((real) => ({
        ...real,
        readByKeys: async (...given) => (await real.readByKeys(...given)).filter(({ deleted }) => !deleted),
      })),
    }),
    breaks: ['I5', 'I8', 'I2'],
  },
];
