-- Stamp (epoch ms) of the newest version seen, which an older one must never replace; null = as `changed_at`. `changed_at`
-- itself is the stamp of the version that brought the synced fields as they are: our own writes, and changes of other
-- fields, make nobody the newest.
alter table snapshots add column seen_at bigint;
