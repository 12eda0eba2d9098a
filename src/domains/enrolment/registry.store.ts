import type { PlainDate } from '#base/plain-date.ts'
import type { Sql } from '#platform/database.ts'
import type { Institution, Site, Work } from './types.ts'

// --- employers -----------------------------------------------------------------------------------

/** Adds an employer, or gives it another name. */
export async function saveEmployer(
  sql: Sql,
  tenant: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  await sql.query(
    `insert into employers (tenant_id, id, name) values ($1, $2, $3)
     on conflict (tenant_id, id) do update set name = excluded.name`,
    [tenant, id, name],
  )
}

export type EmployerRow = { readonly id: string; readonly name: string; readonly staff: number }

/** Employers whose number or name begins with `q`, with how many work there on a day. */
export async function listEmployers(
  sql: Sql,
  tenant: string,
  q: string,
  on: PlainDate,
  limit: number,
): Promise<EmployerRow[]> {
  return sql.query(
    `select e.id, e.name, (select count(distinct r.person_id) from rosters r where r.tenant_id = e.tenant_id and r.employer_id = e.id
              and r.from_day <= $3 and $3 <= coalesce(r.until_day, 'infinity')) as staff
       from employers e where e.tenant_id = $1 and (e.id ilike $2 or e.name ilike $2) order by e.id limit $4`,
    [tenant, `${q.replace(/[\\%_]/g, '\\$&')}%`, on, limit],
  )
}

export async function findEmployer(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<{ readonly id: string; readonly name: string } | undefined> {
  const [row] = await sql.query<{ id: string; name: string }>(
    'select id, name from employers where tenant_id = $1 and id = $2',
    [tenant, id],
  )
  return row
}

/** One of the staff as an employer may see them: nothing of bills, diseases or family. */
export type StaffRow = {
  readonly person: string
  readonly nameSealed: Buffer | null
  readonly from: PlainDate
  readonly until: PlainDate | null
  /** The covers that this employer takes out for them, on the day. */
  readonly covers: readonly string[]
}

export async function listStaff(
  sql: Sql,
  tenant: string,
  employer: string,
  on: PlainDate,
  limit: number,
): Promise<StaffRow[]> {
  return sql.query(
    `select r.person_id as person, p.name_sealed as "nameSealed", r.from_day as "from", r.until_day as until,
            coalesce((select jsonb_agg(m.scheme order by m.scheme) from memberships m
               where m.tenant_id = r.tenant_id and m.person_id = r.person_id and m.employer_id = r.employer_id
                 and m.from_day <= $3 and $3 <= coalesce(m.until_day, 'infinity')), '[]') as covers
       from rosters r join persons p on p.tenant_id = r.tenant_id and p.id = r.person_id
      where r.tenant_id = $1 and r.employer_id = $2
      order by r.until_day is not null, r.person_id, r.from_day limit $4`,
    [tenant, employer, on, limit],
  )
}

export type StaffFigures = {
  readonly staff: number
  readonly women: number
  readonly men: number
  readonly covers: readonly { readonly scheme: string; readonly persons: number }[]
}

/** Counts of those who work there on a day. */
export async function staffFigures(
  sql: Sql,
  tenant: string,
  employer: string,
  on: PlainDate,
): Promise<StaffFigures> {
  const [counts] = await sql.query<Omit<StaffFigures, 'covers'>>(
    `select count(*) as staff, count(*) filter (where p.sex = 'female') as women, count(*) filter (where p.sex = 'male') as men
       from (select distinct person_id from rosters where tenant_id = $1 and employer_id = $2
                and from_day <= $3 and $3 <= coalesce(until_day, 'infinity')) r
       join persons p on p.tenant_id = $1 and p.id = r.person_id`,
    [tenant, employer, on],
  )
  const covers = await sql.query<StaffFigures['covers'][number]>(
    `select scheme, count(distinct person_id) as persons from memberships
      where tenant_id = $1 and employer_id = $2 and from_day <= $3 and $3 <= coalesce(until_day, 'infinity')
      group by scheme order by scheme`,
    [tenant, employer, on],
  )
  return { staff: 0, women: 0, men: 0, ...counts, covers }
}

/** Adds a stretch of work, or sets the last day of the one that begins on the same day. */
export async function saveRoster(
  sql: Sql,
  tenant: string,
  row: {
    readonly employer: string
    readonly person: string
    readonly from: PlainDate
    readonly until: PlainDate | undefined
  },
): Promise<void> {
  await sql.query(
    `insert into rosters (tenant_id, employer_id, person_id, from_day, until_day) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, employer_id, person_id, from_day) do update set until_day = excluded.until_day`,
    [tenant, row.employer, row.person, row.from, row.until ?? null],
  )
}

/** The first day of a stretch of the same person at the same employer that another one would overlap. */
export async function overlappingWork(
  sql: Sql,
  tenant: string,
  row: {
    readonly employer: string
    readonly person: string
    readonly from: PlainDate
    readonly until: PlainDate | undefined
  },
): Promise<PlainDate | undefined> {
  const [found] = await sql.query<{ from: PlainDate }>(
    `select from_day as "from" from rosters
      where tenant_id = $1 and employer_id = $2 and person_id = $3 and from_day <> $4
        and from_day <= coalesce($5::date, 'infinity') and $4 <= coalesce(until_day, 'infinity') limit 1`,
    [tenant, row.employer, row.person, row.from, row.until ?? null],
  )
  return found?.from
}

/** Locks the row of a person who is not merged away; false where there is none. */
export async function lockLiving(sql: Sql, tenant: string, person: string): Promise<boolean> {
  const rows = await sql.query(
    'select 1 from persons where tenant_id = $1 and id = $2 and merged_into is null for update',
    [tenant, person],
  )
  return rows.length > 0
}

// --- sites ---------------------------------------------------------------------------------------

export async function insertSite(sql: Sql, tenant: string, site: Site): Promise<boolean> {
  const rows = await sql.query(
    `insert into sites (tenant_id, id, name, employer_id, scheme, from_day, until_day, headcount, area_m2)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning id`,
    [
      tenant,
      site.id,
      site.name,
      site.employer,
      site.scheme,
      site.from,
      site.until,
      site.headcount ?? null,
      site.areaM2 ?? null,
    ],
  )
  return rows.length > 0
}

export type SiteRow = Omit<Site, 'headcount' | 'areaM2'> & {
  readonly headcount: number | null
  readonly areaM2: number | null
  /** Workers named for the day. */
  readonly named: number
}

export async function listSites(
  sql: Sql,
  tenant: string,
  employer: string,
  on: PlainDate,
): Promise<SiteRow[]> {
  return sql.query(
    `select s.id, s.name, s.employer_id as employer, s.scheme, s.from_day as "from", s.until_day as until, s.headcount,
            s.area_m2 as "areaM2", (select count(*) from site_workers w where w.tenant_id = s.tenant_id and w.site_id = s.id
              and w.from_day <= $3 and $3 <= w.until_day) as named
       from sites s where s.tenant_id = $1 and s.employer_id = $2 order by s.from_day, s.id`,
    [tenant, employer, on],
  )
}

/** A site with its employer's name. */
export async function findSite(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<(Omit<SiteRow, 'named'> & { readonly employerName: string }) | undefined> {
  const [row] = await sql.query<Omit<SiteRow, 'named'> & { readonly employerName: string }>(
    `select s.id, s.name, s.employer_id as employer, e.name as "employerName", s.scheme, s.from_day as "from",
            s.until_day as until, s.headcount, s.area_m2 as "areaM2"
       from sites s join employers e on e.tenant_id = s.tenant_id and e.id = s.employer_id
      where s.tenant_id = $1 and s.id = $2`,
    [tenant, id],
  )
  return row
}

export type WorkerRow = Work & { readonly nameSealed: Buffer | null }

/** Who was named at a site, and when. */
export async function listWorkers(
  sql: Sql,
  tenant: string,
  site: string,
  limit: number,
): Promise<WorkerRow[]> {
  return sql.query(
    `select w.person_id as person, p.name_sealed as "nameSealed", w.from_day as "from", w.until_day as until
       from site_workers w join persons p on p.tenant_id = w.tenant_id and p.id = w.person_id
      where w.tenant_id = $1 and w.site_id = $2 order by w.from_day, w.person_id limit $3`,
    [tenant, site, limit],
  )
}

// --- institutions --------------------------------------------------------------------------------

/** Adds an institution, or corrects its name and kind. */
export async function saveInstitution(
  sql: Sql,
  tenant: string,
  { id, name, kind }: Pick<Institution, 'id' | 'name' | 'kind'>,
): Promise<void> {
  await sql.query(
    `insert into institutions (tenant_id, id, name, kind) values ($1, $2, $3, $4)
     on conflict (tenant_id, id) do update set name = excluded.name, kind = excluded.kind`,
    [tenant, id, name, kind],
  )
}

const INSTITUTION = `i.id, i.name, i.kind,
  coalesce((select jsonb_agg(jsonb_build_object('from', l.from_day, 'level', l.level, 'document', l.document) order by l.from_day)
    from institution_levels l where l.tenant_id = i.tenant_id and l.institution_id = i.id), '[]') as levels,
  coalesce((select jsonb_agg(jsonb_build_object('kind', a.kind, 'from', a.from_day, 'until', a.until_day, 'document', a.document)
      order by a.from_day, a.kind)
    from agreements a where a.tenant_id = i.tenant_id and a.institution_id = i.id), '[]') as agreements`

export async function listInstitutions(
  sql: Sql,
  tenant: string,
  q: string,
  limit: number,
): Promise<Institution[]> {
  return sql.query(
    `select ${INSTITUTION} from institutions i where i.tenant_id = $1 and (i.id ilike $2 or i.name ilike $2)
      order by i.id limit $3`,
    [tenant, `${q.replace(/[\\%_]/g, '\\$&')}%`, limit],
  )
}

export async function findInstitution(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<Institution | undefined> {
  const [row] = await sql.query<Institution>(
    `select ${INSTITUTION} from institutions i where i.tenant_id = $1 and i.id = $2`,
    [tenant, id],
  )
  return row
}

/** The institution that a bill names, by number or by its whole name. */
export async function institutionNamed(
  sql: Sql,
  tenant: string,
  named: string,
): Promise<Institution | undefined> {
  const [row] = await sql.query<Institution>(
    `select ${INSTITUTION} from institutions i where i.tenant_id = $1 and (i.id = $2 or i.name = $2)
      order by i.id <> $2, i.id limit 1`,
    [tenant, named],
  )
  return row
}

export async function saveLevel(
  sql: Sql,
  tenant: string,
  institution: string,
  { from, level, document }: Institution['levels'][number],
): Promise<void> {
  await sql.query(
    `insert into institution_levels (tenant_id, institution_id, from_day, level, document) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, institution_id, from_day) do update set level = excluded.level, document = excluded.document`,
    [tenant, institution, from, level, document],
  )
}

export async function saveAgreement(
  sql: Sql,
  tenant: string,
  institution: string,
  { kind, from, until, document }: Institution['agreements'][number],
): Promise<void> {
  await sql.query(
    `insert into agreements (tenant_id, institution_id, kind, from_day, until_day, document) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, institution_id, kind, from_day) do update
       set until_day = excluded.until_day, document = excluded.document`,
    [tenant, institution, kind, from, until ?? null, document],
  )
}
