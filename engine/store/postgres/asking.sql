-- What the audiences of a store call beside the functions of rules (dsl/sql/postgres.sql).

create table if not exists wayline.zones (name text collate "C" primary key);

create table if not exists wayline.only_zones (
  country text collate "C" primary key,
  zone text collate "C"
);

-- The zone for everything local: the person's own, else the country's if it has just one, else the
-- company's (engine/core/zones.py).
create or replace function wayline.recipient_zone(attributes text, company text) returns text
language sql stable parallel safe as $$
  select coalesce(
    case wayline.kind_at(attributes, '$.time_zone') when 'text' then (
      select name from wayline.zones
      where name = wayline.value_at(attributes, '$.time_zone') collate "C"
    ) end,
    case wayline.kind_at(attributes, '$.country') when 'text' then (
      select zone from wayline.only_zones
      where country = wayline.upper(wayline.bare(wayline.value_at(attributes, '$.country')))
        collate "C"
    ) end,
    company
  )
$$;
