-- Deciding a record twice replaces what was planned to be made of it: found by the record, however many a run makes.
create index creations_by_source on creations (run, source_crm, source_id);
