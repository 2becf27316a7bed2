-- What the audiences of a store call beside the functions of rules (dsl/sql/postgres.sql).

create table if not exists wayline.zones (name text collate "C" primary key);

create table if not exists wayline.only_zones (
  country text collate "C" primary key,
  zone text collate "C"
);

-- The zone for everything local: the person's own, else the country's if it has just one, else the
-- company's (engine/core/zones.py).
create or replace function wayline.recipient_zone(attributes json, company text) returns text
language plpgsql stable parallel safe as $$
declare
  own json := attributes -> 'time_zone';
  country_of json;
  found_zone text;
begin
  if json_typeof(own) = 'string' then
    select name into found_zone from wayline.zones where name = (own #>> '{}') collate "C";
  end if;
  if found_zone is null then
    country_of := attributes -> 'country';
    if json_typeof(country_of) = 'string' then
      select zone into found_zone from wayline.only_zones
      where country = wayline.upper(wayline.bare(country_of #>> '{}')) collate "C";
    end if;
  end if;
  return coalesce(found_zone, company);
end
$$;
