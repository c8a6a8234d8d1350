-- Records whose newest version says nothing new, and which were not looked at since: few, and found without reading the others.
create index snapshots_touched on snapshots (sync, crm, id) where seen_at > settled_at and not dirty;
