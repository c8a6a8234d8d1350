-- Records without a counterpart: every run of events asks for them, and looked at all records to find that there are none.
create index snapshots_unpaired on snapshots (sync, crm, id) where pair is null and not deleted;
