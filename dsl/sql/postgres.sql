-- What PostgreSQL lacks: the functions that rules in SQL call, in a schema of their own. They say
-- what the functions of dsl/expr/timing, arithmetic and wording say; none of them fails for data,
-- and each gives NULL for NULL.
--
-- Where everybody's answer hangs on a function, it is one expression and not declared strict: only
-- then does the server put the expression in the place of the call, which takes a tenth of the time.
--
-- A moment is a bigint of microseconds; a date and a time of day are texts as Python writes them; a
-- number is numeric, of whole numbers without digits behind the point, of all others with at least
-- one; a length is the JSON list it is at rest.

-- ----------------------------------------------------------------------------------------- JSON

create or replace function wayline.sort_of(value json) returns text
language sql immutable parallel safe as $$
  select case json_typeof(value)
    when 'number' then case when value::text ~ '[.eE]' then 'real' else 'integer' end
    when 'string' then 'text'
    when 'boolean' then value::text
    else json_typeof(value)
  end
$$;

create or replace function wayline.names_in(path text) returns text[]
language sql immutable strict parallel safe as $$
  select string_to_array(btrim(replace(path, '"', ''), '$.'), '.')
$$;

create or replace function wayline.kind_at(document text, path text) returns text
language sql immutable parallel safe as $$
  select wayline.sort_of(document::json #> wayline.names_in(path))
$$;

create or replace function wayline.value_at(document text, path text) returns text
language sql immutable strict parallel safe as $$
  select document::json #>> wayline.names_in(path)
$$;

create or replace function wayline.within(value json, path text) returns json
language sql immutable strict parallel safe as $$
  select value #> string_to_array(path, '.')
$$;

create or replace function wayline.plainly(value json) returns text
language sql immutable strict parallel safe as $$
  select value #>> '{}'
$$;

create or replace function wayline.items(list text) returns bigint
language sql immutable strict parallel safe as $$
  select json_array_length(list::json)::bigint
$$;

create or replace function wayline.each(list text)
returns table (key bigint, value text, type text)
language sql immutable strict parallel safe as $$
  select n - 1, entry #>> '{}', wayline.sort_of(entry)
  from json_array_elements(list::json) with ordinality as entries (entry, n)
$$;

create or replace function wayline.as_whole(value text) returns bigint
language sql immutable parallel safe as $$
  select case
    when length(value) < 19 then value::bigint
    when value::numeric between -9223372036854775808 and 9223372036854775807 then value::bigint
  end
$$;

-- An entry of a list of any kind, so that a text, a number and a yes differ.
create or replace function wayline.as_entry(type text, value text) returns text
language sql immutable parallel safe as $$
  select case type
    when 'text' then '"' || nullif(value, '')
    when 'integer' then value
    when 'true' then '1'
    when 'false' then '0'
  end
$$;

create or replace function wayline.as_entry(value text) returns text
language sql immutable strict parallel safe as $$
  select '"' || value
$$;

create or replace function wayline.as_entry(value bigint) returns text
language sql immutable strict parallel safe as $$
  select value::text
$$;

-- ---------------------------------------------------------------------------------------- texts

create table if not exists wayline.letters (
  letter text collate "C" primary key,
  folded text collate "C",
  raised text collate "C"
);

create or replace function wayline.bare(value text) returns text
language sql immutable strict parallel safe as $$
  select btrim(value, E'\u0009\u000a\u000b\u000c\u000d\u001c\u001d\u001e\u001f\u0020\u0085\u00a0'
    '\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f'
    '\u205f\u3000')
$$;

create or replace function wayline.fold(value text) returns text
language sql stable strict parallel safe as $$
  select wayline.bare(case
    when octet_length(value) = length(value) then lower(value collate "C")
    else (
      select string_agg(coalesce(
        (select known.folded from wayline.letters known where known.letter = part collate "C"), part
      ), '' order by n)
      from regexp_split_to_table(normalize(value, nfc), '') with ordinality as parts (part, n)
    )
  end)
$$;

create or replace function wayline.upper(value text) returns text
language sql stable strict parallel safe as $$
  select case
    when octet_length(value) = length(value) then upper(value collate "C")
    else (
      select string_agg(coalesce(
        (select known.raised from wayline.letters known where known.letter = part collate "C"), part
      ), '' order by n)
      from regexp_split_to_table(value, '') with ordinality as parts (part, n)
    )
  end
$$;

create or replace function wayline.title(value text) returns text
language sql stable strict parallel safe as $$
  select string_agg(wayline.upper(substr(word, 1, 1)) || substr(word, 2), ' ' order by n)
  from unnest(string_to_array(value, ' ')) with ordinality as words (word, n)
$$;

create or replace function wayline.trim(value text) returns text
language sql immutable parallel safe as $$
  select nullif(wayline.bare(value), '')
$$;

create or replace function wayline.place(value text, part text) returns int
language sql immutable strict parallel safe as $$
  select strpos(value, part)
$$;

create or replace function wayline.matches(pattern text, value text) returns int
language sql immutable strict parallel safe as $$
  select (value collate "C" like replace(replace(replace(replace(replace(
    pattern, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%'), '?', '_'))::int
$$;

create or replace function wayline.join(list text, between_them text) returns text
language sql immutable strict parallel safe as $$
  select nullif(string_agg(value, between_them order by key), '')
  from wayline.each(list) where type = 'text'
$$;

create or replace function wayline.column(list text, path text) returns text
language sql immutable strict parallel safe as $$
  select '[' || string_agg(found::text, ',' order by n) || ']'
  from (
    select n, entry #> string_to_array(path, '.') as found
    from json_array_elements(list::json) with ordinality as entries (entry, n)
    where json_typeof(entry) = 'object'
  ) as known
  where json_typeof(found) <> 'null' and found::text !~ '^\s*(""|\[\s*\])\s*$'
$$;

-- -------------------------------------------------------------------------------------- numbers

create or replace function wayline.written(value text) returns numeric
language sql immutable strict parallel safe as $$
  select case when value like 'i%' then substr(value, 2)::numeric else value::numeric + 0.0 end
$$;

create or replace function wayline.number(value text) returns numeric
language sql immutable strict parallel safe as $$
  select case
    when length(value) <= 80 and wayline.bare(value) ~ '^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)$'
      and abs(wayline.bare(value)::numeric) < 1e28
    then wayline.bare(value)::numeric + 0.0
  end
$$;

-- A power of ten, to its last digit: before version 16, power() knows 16 places and no more.
create or replace function wayline.ten(places int) returns numeric
language sql immutable strict parallel safe as $$
  select ('1e' || places)::numeric
$$;

-- To 28 digits, the even one of two that are as near.
create or replace function wayline.exactly(value numeric) returns numeric
language plpgsql immutable strict parallel safe as $$
declare
  plain numeric := trim_scale(abs(value));
  places int;
  cut numeric;
  rest numeric;
  half numeric;
begin
  if plain = 0 then
    return 0.0;
  elsif plain >= 1 then
    places := 28 - length(trunc(plain)::text);
  else
    places := 27 + length(substring(plain::text from '^0\.(0*)')) + 1;
  end if;
  if scale(plain) <= places then
    return value + 0.0;
  end if;
  cut := trunc(plain, places);
  rest := plain - cut;
  half := 5 * wayline.ten(-(places + 1));
  if rest > half or (rest = half and mod(trunc(cut * wayline.ten(places)), 2) = 1) then
    cut := cut + wayline.ten(-places);
  end if;
  return sign(value) * cut + 0.0;
end
$$;

create or replace function wayline.over(one numeric, other numeric) returns numeric
language plpgsql immutable strict parallel safe as $$
declare
  shift int;
  top numeric;
  bottom numeric;
  whole numeric;
begin
  if other = 0 then
    return null;
  end if;
  bottom := abs(other) * wayline.ten(scale(other));
  top := abs(one) * wayline.ten(scale(other));
  shift := 32 + length(trunc(bottom)::text) + scale(one);
  top := trunc(top * wayline.ten(shift));
  whole := div(top, trunc(bottom));
  if whole * trunc(bottom) <> top then  -- not a tie, whatever the digits say
    whole := whole * 10 + 1;
    shift := shift + 1;
  end if;
  return wayline.exactly(sign(one) * sign(other) * whole * wayline.ten(-shift));
end
$$;

create or replace function wayline.calculate(sign text, one numeric, other numeric)
returns numeric language plpgsql immutable strict parallel safe as $$
declare
  made numeric;
begin
  if sign = '/' then
    return wayline.over(one, other);
  end if;
  made := case sign when '+' then one + other when '-' then one - other else one * other end;
  if scale(one) = 0 and scale(other) = 0 then
    return made;
  end if;
  return wayline.exactly(made);
end
$$;

create or replace function wayline.plus(one numeric, other numeric) returns numeric
language sql immutable strict parallel safe as $$
  select wayline.calculate('+', one, other)
$$;

create or replace aggregate wayline.add_up(numeric) (sfunc = wayline.plus, stype = numeric);

create or replace function wayline.compare(one numeric, other numeric) returns int
language sql immutable strict parallel safe as $$
  select (one > other)::int - (one < other)::int
$$;

create or replace function wayline.whole(high numeric, low numeric) returns numeric
language sql immutable strict parallel safe as $$
  select trunc(high) * 4294967296 + trunc(low)
$$;

create or replace function wayline.negative(value numeric) returns numeric
language sql immutable strict parallel safe as $$
  select -value
$$;

create or replace function wayline.absolute(value numeric) returns numeric
language sql immutable strict parallel safe as $$
  select abs(value)
$$;

create or replace function wayline.rounded(how text, value numeric, digits numeric)
returns numeric language plpgsql immutable strict parallel safe as $$
declare
  places int;
  moved numeric;
  made numeric;
begin
  if scale(value) = 0 and digits >= 0 then
    return value;
  end if;
  if abs(digits) > 200 then
    return value;
  end if;
  places := digits::int;
  moved := value * wayline.ten(places);
  made := case how when 'round' then round(moved) when 'floor' then floor(moved)
    else ceil(moved) end * wayline.ten(-places);
  if places <= 0 then
    return trunc(made);
  end if;
  return made + 0.0;
end
$$;

-- -------------------------------------------------------------------------------------- lengths

create or replace function wayline.length(value text) returns text
language sql immutable strict parallel safe as $$
  select case when count(*) = 4 and bool_and(type = 'integer')
    then '[' || string_agg(entries.value, ',' order by key) || ']' end
  from wayline.each(value) as entries
$$;

create or replace function wayline.parts(length text) returns numeric[]
language sql immutable strict parallel safe as $$
  select string_to_array(btrim(length, '[]'), ',')::numeric[]
$$;

create or replace function wayline.of_parts(parts numeric[]) returns text
language sql immutable strict parallel safe as $$
  select format('[%s,%s,%s,%s]', trunc(parts[1]), trunc(parts[2]), trunc(parts[3]), trunc(parts[4]))
$$;

create or replace function wayline.lengths(sign text, one text, other text) returns text
language sql immutable strict parallel safe as $$
  select wayline.of_parts(array(
    select case sign when '+' then a + b else a - b end
    from unnest(wayline.parts(one), wayline.parts(other)) with ordinality as both_of (a, b, n)
    order by n
  ))
$$;

create or replace function wayline.shorter(length text) returns text
language sql immutable strict parallel safe as $$
  select wayline.of_parts(array(
    select -a from unnest(wayline.parts(length)) with ordinality as each (a, n) order by n
  ))
$$;

create or replace function wayline.span(micros bigint) returns text
language sql immutable strict parallel safe as $$
  select format('[0,0,0,%s]', micros)
$$;

create or replace function wayline.repeated(length text, factor numeric) returns text
language plpgsql immutable strict parallel safe as $$
declare
  part numeric[] := wayline.parts(length);
  whole numeric := trunc(factor);
begin
  if factor = whole then
    return wayline.of_parts(array[part[1] * whole, part[2] * whole, part[3] * whole, part[4] * whole]);
  elsif part[1] <> 0 or part[3] <> 0 then
    return null;
  end if;
  return wayline.of_parts(array[
    0, part[2] * whole, 0,
    trunc(part[2] * 86400000000 * (factor - whole) + part[4] * factor)
  ]);
end
$$;

create or replace function wayline.in_days(length text) returns numeric
language plpgsql immutable strict parallel safe as $$
declare
  part numeric[] := wayline.parts(length);
begin
  if part[1] = 0 and mod(part[4], 86400000000) = 0 then
    return part[2] + part[3] + div(part[4], 86400000000);
  end if;
  return wayline.exactly(
    wayline.exactly(
      wayline.over(part[4], 86400000000) + wayline.over(365.2425 * part[1], 12)
    ) + part[2] + part[3]
  );
end
$$;

-- ----------------------------------------------------------------------------- moments and dates

-- Years that the calendar has; day numbers count from 1970-01-01.
create or replace function wayline.has_day(day numeric) returns boolean
language sql immutable strict parallel safe as $$
  select day between -719162 and 2932896
$$;

create or replace function wayline.wall_clock(moment numeric, zone text) returns timestamp
language plpgsql immutable strict parallel safe as $$
declare
  day numeric := floor(moment / 86400000000);
  here timestamp;
begin
  if not wayline.has_day(day) then
    return null;
  end if;
  here := date '1970-01-01' + day::int
    + ((moment - day * 86400000000)::double precision * interval '1 microsecond');
  here := (here at time zone 'UTC') at time zone zone;
  return case when here >= timestamp '0001-01-01' and here < timestamp '10000-01-01' then here end;
end
$$;

-- The instant at which the clock in a zone shows a time: the first of two, and moved on by the gap
-- where there is none.
create or replace function wayline.at_clock(shown timestamp, zone text) returns numeric
language plpgsql immutable strict parallel safe as $$
declare
  found timestamptz := shown at time zone zone;
  before interval := ((found - interval '1 day') at time zone zone)
    - ((found - interval '1 day') at time zone 'UTC');
  early timestamptz := (shown - before) at time zone 'UTC';
begin
  if early < found and (early at time zone zone) = shown then
    found := early;
  end if;
  return trunc(extract(epoch from found) * 1000000);
end
$$;

create or replace function wayline.in_range(moment numeric) returns bigint
language sql immutable strict parallel safe as $$
  select case when moment between -5364662400000000 and 253370764800000000 then moment::bigint end
$$;

create or replace function wayline.moved_day(day date, part numeric[], holidays text) returns date
language plpgsql immutable strict parallel safe as $$
declare
  moved date := day;
  months numeric := extract(year from day) * 12 + extract(month from day) - 1 + part[1];
  step int := case when part[3] > 0 then 1 else -1 end;
  free date[] := array(
    select one::date from unnest(string_to_array(holidays, ' ')) as days (one) where one <> ''
  );
begin
  if part[1] <> 0 then
    -- The first day of the month after next must be in the calendar, too.
    if months < 12 or months >= 9999 * 12 + 11 then
      return null;
    end if;
    moved := make_date(div(months, 12)::int, mod(months, 12)::int + 1, 1);
    moved := moved + (least(
      extract(day from day), extract(day from (moved + interval '1 month - 1 day'))
    )::int - 1);
  end if;
  if not wayline.has_day(moved - date '1970-01-01' + part[2]) then
    return null;
  end if;
  moved := moved + part[2]::int;
  for n in 1 .. abs(part[3]) loop
    loop
      moved := moved + step;
      if moved < date '0001-01-01' or moved > date '9999-12-31' then
        return null;
      end if;
      exit when extract(isodow from moved) < 6 and not moved = any (free);
    end loop;
  end loop;
  return moved;
end
$$;

create or replace function wayline.later(moment bigint, length text, zone text, holidays text)
returns bigint language plpgsql immutable strict parallel safe as $$
declare
  part numeric[] := wayline.parts(length);
  here timestamp;
  day date;
begin
  if abs(part[3]) > 30000 then
    return null;
  elsif part[1] = 0 and part[2] = 0 and part[3] = 0 then
    return wayline.in_range(moment + part[4]);
  end if;
  here := wayline.wall_clock(moment, zone);
  day := wayline.moved_day(here::date, part, holidays);
  if day is null then
    return null;
  elsif day = here::date then
    return wayline.in_range(moment + part[4]);
  end if;
  return wayline.in_range(wayline.at_clock(day + here::time, zone) + part[4]);
end
$$;

create or replace function wayline.back(moment bigint, length text, zone text, holidays text)
returns bigint language sql immutable strict parallel safe as $$
  select coalesce(
    wayline.later(moment, wayline.shorter(length), zone, holidays), -4611686018427387904
  )
$$;

create or replace function wayline.date(value text) returns text
language sql immutable strict parallel safe as $$
  select case
    when value !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' or value < '0001' then null
    when substr(value, 9)::int > extract(day from (
      make_date(substr(value, 1, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month - 1 day'
    )) then null
    else value
  end
$$;

create or replace function wayline.clock(value text) returns text
language sql immutable strict parallel safe as $$
  select case
    when value ~ '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.([0-9]{3}|[0-9]{6}))?)?$'
    then to_char(value::time, 'HH24:MI:SS.US')
  end
$$;

create or replace function wayline.day_text(day date) returns text
language sql immutable strict parallel safe as $$
  select to_char(day, 'YYYY-MM-DD')
$$;

create or replace function wayline.next_date(day text, length text, holidays text) returns text
language plpgsql immutable strict parallel safe as $$
declare
  part numeric[] := wayline.parts(length);
  moved date;
begin
  if abs(part[3]) > 30000 then
    return null;
  end if;
  moved := wayline.moved_day(day::date, part, holidays);
  return wayline.day_text(wayline.wall_clock(
    (moved - date '1970-01-01')::numeric * 86400000000 + part[4], 'UTC'
  )::date);
end
$$;

create or replace function wayline.days_between(one text, other text) returns text
language sql immutable strict parallel safe as $$
  select format('[0,%s,0,0]', one::date - other::date)
$$;

create or replace function wayline.day(moment bigint, zone text) returns text
language sql immutable strict parallel safe as $$
  select wayline.day_text(wayline.wall_clock(moment, zone)::date)
$$;

create or replace function wayline.next_day(moment bigint, days bigint, zone text) returns text
language plpgsql immutable strict parallel safe as $$
declare
  today date := wayline.wall_clock(moment, zone)::date;
begin
  if not wayline.has_day(today - date '1970-01-01' + days) then
    return null;
  end if;
  return wayline.day_text(today + days::int);
end
$$;

create or replace function wayline.day_start(day text, zone text) returns bigint
language sql immutable strict parallel safe as $$
  select wayline.at_clock(day::date::timestamp, zone)::bigint
$$;

create or replace function wayline.wall(shown text, zone text) returns bigint
language sql immutable strict parallel safe as $$
  select wayline.at_clock(shown::timestamp, zone)::bigint
$$;

create or replace function wayline.hour(moment bigint, zone text) returns bigint
language sql immutable strict parallel safe as $$
  select extract(hour from wayline.wall_clock(moment, zone))::bigint
$$;

create or replace function wayline.period(name text, moment bigint, zone text) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  today date := wayline.wall_clock(moment, zone)::date;
  first date;
begin
  first := case name
    when 'today' then today
    when 'yesterday' then today - 1
    when 'week' then today - (extract(isodow from today)::int - 1)
    when 'month' then date_trunc('month', today::timestamp)::date
    when 'year' then date_trunc('year', today::timestamp)::date
  end;
  return case when first >= date '0001-01-01' then wayline.at_clock(first::timestamp, zone) end;
end
$$;

create or replace function wayline.in_year(day date, year int) returns date
language sql immutable strict parallel safe as $$
  select make_date(year, extract(month from day)::int, least(
    extract(day from day),
    extract(day from make_date(year, extract(month from day)::int, 1) + interval '1 month - 1 day')
  )::int)
$$;

create or replace function wayline.age(day text, moment bigint, zone text) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  today date := wayline.wall_clock(moment, zone)::date;
  born date := day::date;
begin
  if today < born then
    return null;
  end if;
  return extract(year from today) - extract(year from born)
    - (today < wayline.in_year(born, extract(year from today)::int))::int;
end
$$;

create or replace function wayline.anniversary(day text, moment bigint, zone text) returns text
language plpgsql immutable strict parallel safe as $$
declare
  today date := wayline.wall_clock(moment, zone)::date;
  this_year date := wayline.in_year(day::date, extract(year from today)::int);
begin
  if this_year >= today then
    return wayline.day_text(this_year);
  elsif extract(year from today) < 9999 then
    return wayline.day_text(wayline.in_year(day::date, extract(year from today)::int + 1));
  end if;
  return null;
end
$$;

create or replace function wayline.weekday(day text) returns text
language sql immutable strict parallel safe as $$
  select (array['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])
    [extract(isodow from day::date)::int]
$$;

-- The different values of rows that were gathered in their order, as a list at rest.
create or replace function wayline.different(found text[], kind text) returns text
language sql stable parallel safe as $$
  select '[' || string_agg(entry, ',' order by n) || ']'
  from (
    select distinct on (same) n, same, entry
    from (
      select n,
        case kind when 'text' then wayline.fold(one)
          when 'number' then trim_scale(one::numeric)::text else one end as same,
        case kind
          when 'number' then case when scale(one::numeric) = 0 then one else to_json(one)::text end
          when 'yes/no' then case one when '1' then 'true' else 'false' end
          when 'length' then one
          when 'whole' then one
          else to_json(one)::text
        end as entry
      from unnest(found) with ordinality as each (one, n)
      where one is not null
    ) as values_of
    order by same, n
  ) as first_of
$$;
