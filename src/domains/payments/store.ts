import type { Sql } from '#platform/database.ts'
import { MOMENT } from '#platform/moment.ts'
import type {
  AnswerStatus,
  BatchAct,
  BatchState,
  BreakKind,
  Holder,
  ItemState,
  OwedEntry,
} from './types.ts'

/** Whoever changes what is ordered or owed does so one after another. */
export async function lockPayments(sql: Sql, tenant: string): Promise<void> {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [tenant])
}

// --- accounts ------------------------------------------------------------------------------------

export type AccountRow = {
  readonly id: string
  readonly holder: Holder
  readonly holderId: string
  readonly from: string
  readonly kind: 'card' | 'account'
  readonly name: Buffer
  readonly number: Buffer
  readonly bankCode: string
  readonly bankName: string
  readonly answerDays: number | null
  readonly document: string
  readonly user: string
  readonly at: string
}

const ACCOUNT = `a.id, a.holder, a.holder_id as "holderId", a.from_day as "from", a.kind, a.name_sealed as name,
  a.number_sealed as number, a.bank_code as "bankCode", a.bank_name as "bankName", a.answer_days as "answerDays",
  a.document, a.user_name as user, ${MOMENT('a.at')} as at`

export async function insertAccount(
  sql: Sql,
  tenant: string,
  row: Omit<AccountRow, 'at' | 'id'> & { readonly digest: Buffer },
): Promise<string> {
  const [inserted] = await sql.query<{ id: string }>(
    `insert into payment_accounts (tenant_id, holder, holder_id, from_day, kind, name_sealed, number_sealed, number_digest,
       bank_code, bank_name, answer_days, document, user_name)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id`,
    [
      tenant,
      row.holder,
      row.holderId,
      row.from,
      row.kind,
      row.name,
      row.number,
      row.digest,
      row.bankCode,
      row.bankName,
      row.answerDays,
      row.document,
      row.user,
    ],
  )
  return inserted?.id ?? ''
}

/** Accounts, newest first: of one holder, or the last ones that anybody gave. */
export async function accountsOf(
  sql: Sql,
  tenant: string,
  {
    holder,
    holderId,
  }: { readonly holder?: string | undefined; readonly holderId?: string | undefined },
): Promise<AccountRow[]> {
  return sql.query(
    `select ${ACCOUNT} from payment_accounts a
      where a.tenant_id = $1 and ($2::text is null or a.holder = $2) and ($3::text is null or a.holder_id = $3)
      order by a.no desc limit 200`,
    [tenant, holder ?? null, holderId ?? null],
  )
}

/**
 * The account of each of these holders that is in force on a day. Bills may name an institution by its number or by its
 * name: the account that was given for the number serves both.
 */
export async function accountsInForce(
  sql: Sql,
  tenant: string,
  holders: readonly { readonly holder: Holder; readonly holderId: string }[],
  day: string,
): Promise<(AccountRow & { readonly asked: string })[]> {
  return sql.query(
    `select distinct on (h.holder, h.asked) ${ACCOUNT}, h.asked
       from (select holder, holder_id as asked, coalesce((select n.id from institutions n
                where n.tenant_id = $1 and holder = 'institution' and n.name = holder_id
                  and not exists (select from institutions i where i.tenant_id = $1 and i.id = holder_id) order by n.id limit 1), holder_id) as holder_id
               from unnest($2::text[], $3::text[]) as g (holder, holder_id)) as h
       join payment_accounts a on a.holder = h.holder and a.holder_id = h.holder_id
      where a.tenant_id = $1 and a.from_day <= $4 order by h.holder, h.asked, a.from_day desc, a.no desc`,
    [tenant, holders.map(({ holder }) => holder), holders.map(({ holderId }) => holderId), day],
  )
}

export async function accountById(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<AccountRow | undefined> {
  const [row] = await sql.query<AccountRow>(
    `select ${ACCOUNT} from payment_accounts a where a.tenant_id = $1 and a.id = $2`,
    [tenant, id],
  )
  return row
}

/** Whose account has this number, whenever it had it. */
export async function holdersOf(
  sql: Sql,
  tenant: string,
  digest: Buffer,
): Promise<{ readonly holder: Holder; readonly holderId: string }[]> {
  return sql.query(
    `select distinct holder, holder_id as "holderId" from payment_accounts where tenant_id = $1 and number_digest = $2`,
    [tenant, digest],
  )
}

/** Where each kind of holder is kept; funds and regions are kept nowhere, and are known by their form. */
const KEPT_HOLDERS = {
  institution: 'select from institutions where tenant_id = $1 and id = $2',
  person: 'select from persons where tenant_id = $1 and id = $2',
  // A contract is kept as its text; whom it names is known to the ledger once a year of it was confirmed.
  insurer: `select from ledger_days where tenant_id = $1 and account = 'insurer/' || $2
    union all select from ledger_entries where tenant_id = $1 and ('insurer/' || $2 = any(credits) or 'insurer/' || $2 = any(debits))`,
  coinsurer: 'select from coinsurance_members where tenant_id = $1 and insurer = $2',
} as const

/** Whether there is such a holder of an account. */
export async function isHolder(
  sql: Sql,
  tenant: string,
  { holder, holderId }: { readonly holder: Holder; readonly holderId: string },
): Promise<boolean> {
  if (holder === 'fund' || holder === 'region') return true
  const rows = await sql.query(`${KEPT_HOLDERS[holder]} limit 1`, [tenant, holderId])
  return rows.length > 0
}

// --- what is owed --------------------------------------------------------------------------------

/** Accounts on which somebody is owed, told in SQL as `accountOf` has them: insurers have accounts of their own. */
const IS_OWED = `l.account ~ '^(owed|insurer|coinsurer)/'`
const PAYEE = `case when starts_with(l.account, 'owed/') then substr(l.account, 6) else l.account end`
const ACCOUNT_OF = (payee: string) =>
  `case when ${payee} ~ '^(insurer|coinsurer)/' then ${payee} else 'owed/' || ${payee} end`

/**
 * What the ledger owes by entries that no item pays: booked by a day, of one fund and to one payee where they are named.
 * What payments themselves posted on these accounts goes with the items and is none of it.
 */
export async function owedEntries(
  sql: Sql,
  tenant: string,
  {
    until,
    fund,
    payee,
  }: {
    readonly until: string
    readonly fund?: string | undefined
    readonly payee?: string | undefined
  },
): Promise<OwedEntry[]> {
  return sql.query(
    `select o.subject, o.kind, o.fund, o.payee, o.amount from (
       select e.subject, e.kind, t.fund, ${PAYEE} as payee, sum(l.amount)::bigint as amount
         from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) as l (account, amount)
        where e.tenant_id = $1 and e.kind not in ('ordered', 'paid', 'returned', 'unpaid')
          and (e.booked_on <= $2 or e.kind in ('year-end', 'deducted')
            or e.kind = 'month-end' and split_part(e.subject, ' ', 1) <= to_char($2::date, 'YYYY-MM'))
          and ${IS_OWED} and ($3::text is null or t.fund = $3) and ($4::text is null or ${PAYEE} = $4)
        -- What is held back for a month is booked after it, and what is taken off counts at once.
        group by 1, 2, 3, 4 having sum(l.amount) <> 0 and (max(e.booked_on) <= $2 or e.kind = 'month-end' or sum(l.amount) < 0)) as o
      where not exists (select from payment_claims c where c.tenant_id = $1 and c.subject = o.subject and c.kind = o.kind
                          and c.fund = o.fund and c.payee = o.payee and c.held)
      order by o.fund, o.payee, o.subject, o.kind`,
    [tenant, until, fund ?? null, payee ?? null],
  )
}

// --- batches -------------------------------------------------------------------------------------

export type BatchRow = {
  readonly id: string
  readonly no: number
  readonly state: BatchState
  readonly until: string
  readonly payOn: string
  readonly fund: string | null
  readonly payee: string | null
  readonly madeBy: string
  readonly madeAt: string
  readonly messageId: string | null
  readonly releasedAt: string | null
  readonly sentOn: string | null
}

/** A batch with the number and the sum of its orders, by where they stand. */
export type BatchSums = BatchRow & {
  readonly items: readonly {
    readonly state: ItemState
    readonly orders: number
    readonly amount: number
  }[]
}

const BATCH = `b.id, b.no, b.state, b.until_day as until, b.pay_on as "payOn", b.fund, b.payee, b.made_by as "madeBy",
  ${MOMENT('b.made_at')} as "madeAt", b.message_id as "messageId", ${MOMENT('b.released_at')} as "releasedAt",
  b.sent_on as "sentOn"`

const SUMS = `coalesce((select jsonb_agg(jsonb_build_object('state', s.state, 'orders', s.orders, 'amount', s.amount) order by s.state)
  from (select i.state, count(*) as orders, sum(i.amount)::bigint as amount from payment_items i
         where i.tenant_id = b.tenant_id and i.batch_id = b.id group by 1) as s), '[]'::jsonb) as items`

export async function insertBatch(
  sql: Sql,
  tenant: string,
  row: Pick<BatchRow, 'id' | 'until' | 'payOn' | 'fund' | 'payee' | 'madeBy'>,
): Promise<void> {
  await sql.query(
    `insert into payment_batches (tenant_id, id, state, until_day, pay_on, fund, payee, made_by)
     values ($1, $2, 'draft', $3, $4, $5, $6, $7)`,
    [tenant, row.id, row.until, row.payOn, row.fund, row.payee, row.madeBy],
  )
}

export async function listBatches(
  sql: Sql,
  tenant: string,
  before: number,
  limit: number,
): Promise<BatchSums[]> {
  return sql.query(
    `select ${BATCH}, ${SUMS} from payment_batches b where b.tenant_id = $1 and b.no < $2 order by b.no desc limit $3`,
    [tenant, before, limit],
  )
}

export async function findBatch(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<BatchSums | undefined> {
  const [row] = await sql.query<BatchSums>(
    `select ${BATCH}, ${SUMS} from payment_batches b where b.tenant_id = $1 and b.id = $2`,
    [tenant, id],
  )
  return row
}

export async function findBatchOfMessage(
  sql: Sql,
  tenant: string,
  message: string,
): Promise<BatchRow | undefined> {
  const [row] = await sql.query<BatchRow>(
    `select ${BATCH} from payment_batches b where b.tenant_id = $1 and b.message_id = $2`,
    [tenant, message],
  )
  return row
}

export async function moveBatch(
  sql: Sql,
  tenant: string,
  id: string,
  {
    act,
    to,
    user,
    reason,
  }: {
    readonly act: BatchAct | 'make'
    readonly to: BatchState
    readonly user: string
    readonly reason?: string | undefined
  },
): Promise<void> {
  await sql.query('update payment_batches set state = $3 where tenant_id = $1 and id = $2', [
    tenant,
    id,
    to,
  ])
  await sql.query(
    'insert into payment_moves (tenant_id, batch_id, act, user_name, reason) values ($1, $2, $3, $4, $5)',
    [tenant, id, act, user, reason ?? null],
  )
}

export async function markReleased(
  sql: Sql,
  tenant: string,
  id: string,
  message: string,
): Promise<void> {
  await sql.query(
    'update payment_batches set message_id = $3, released_at = now() where tenant_id = $1 and id = $2',
    [tenant, id, message],
  )
}

export async function markSent(sql: Sql, tenant: string, id: string, day: string): Promise<void> {
  await sql.query('update payment_batches set sent_on = $3 where tenant_id = $1 and id = $2', [
    tenant,
    id,
    day,
  ])
}

export type MoveRow = {
  readonly act: BatchAct | 'make'
  readonly user: string
  readonly at: string
  readonly reason: string | null
}

export async function movesOf(sql: Sql, tenant: string, batch: string): Promise<MoveRow[]> {
  return sql.query(
    `select act, user_name as user, ${MOMENT('at')} as at, reason from payment_moves
      where tenant_id = $1 and batch_id = $2 order by no`,
    [tenant, batch],
  )
}

// --- items ---------------------------------------------------------------------------------------

export type ItemRow = {
  readonly id: string
  readonly batch: string
  readonly no: number
  readonly state: ItemState
  readonly fund: string
  readonly payee: string
  readonly amount: number
  readonly endToEnd: string | null
  readonly reason: string | null
  readonly accountId: string
  readonly fundAccountId: string
}

/** An item with the account it is paid to. */
export type PaidTo = ItemRow &
  Pick<AccountRow, 'name' | 'number' | 'bankCode' | 'bankName'> & {
    /** Who gave the account. */
    readonly accountBy: string
  }

const ITEM = `i.id, i.batch_id as batch, i.no, i.state, i.fund, i.payee, i.amount, i.end_to_end as "endToEnd",
  i.bank_reason as reason, i.account_id as "accountId", i.fund_account_id as "fundAccountId"`
const PAID_TO = `${ITEM}, a.name_sealed as name, a.number_sealed as number, a.bank_code as "bankCode",
  a.bank_name as "bankName", a.user_name as "accountBy"
  from payment_items i join payment_accounts a on a.tenant_id = i.tenant_id and a.id = i.account_id`

export async function insertItems(
  sql: Sql,
  tenant: string,
  batch: string,
  items: readonly Pick<
    ItemRow,
    'id' | 'no' | 'fund' | 'payee' | 'amount' | 'accountId' | 'fundAccountId'
  >[],
): Promise<void> {
  await sql.query(
    `insert into payment_items (tenant_id, id, batch_id, no, state, fund, payee, amount, account_id, fund_account_id)
     select $1, g.id, $2, g.no, 'drafted', g.fund, g.payee, g.amount, g.account, g.source
       from unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::bigint[], $8::uuid[], $9::uuid[])
         as g (id, no, fund, payee, amount, account, source)`,
    [
      tenant,
      batch,
      items.map(({ id }) => id),
      items.map(({ no }) => no),
      items.map(({ fund }) => fund),
      items.map(({ payee }) => payee),
      items.map(({ amount }) => amount),
      items.map(({ accountId }) => accountId),
      items.map(({ fundAccountId }) => fundAccountId),
    ],
  )
}

/** Claims entries for items. An entry that another item holds fails: it would be paid twice. */
export async function insertClaims(
  sql: Sql,
  tenant: string,
  claims: readonly (OwedEntry & { readonly item: string })[],
): Promise<void> {
  await sql.query(
    `insert into payment_claims (tenant_id, item_id, subject, kind, fund, payee, amount)
     select $1, g.* from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[]) as g`,
    [
      tenant,
      claims.map(({ item }) => item),
      claims.map(({ subject }) => subject),
      claims.map(({ kind }) => kind),
      claims.map(({ fund }) => fund),
      claims.map(({ payee }) => payee),
      claims.map(({ amount }) => amount),
    ],
  )
}

/** From so many rows on, a plan made for an empty table is too slow by far. */
const MANY_ROWS = 1_000

/** Has a table counted, when many rows have just come into it. */
export async function count(
  sql: Sql,
  table: 'payment_items' | 'payment_claims',
  added: number,
): Promise<void> {
  if (added >= MANY_ROWS) await sql.query('select kangyang_count($1)', [table])
}

export async function itemsOf(
  sql: Sql,
  tenant: string,
  batch: string,
  { after = 0, limit = 1_000_000 }: { readonly after?: number; readonly limit?: number } = {},
): Promise<PaidTo[]> {
  return sql.query(
    `select ${PAID_TO} where i.tenant_id = $1 and i.batch_id = $2 and i.no > $3 order by i.no limit $4`,
    [tenant, batch, after, limit],
  )
}

export async function findItem(sql: Sql, tenant: string, id: string): Promise<PaidTo | undefined> {
  const [row] = await sql.query<PaidTo>(`select ${PAID_TO} where i.tenant_id = $1 and i.id = $2`, [
    tenant,
    id,
  ])
  return row
}

export async function itemsByOrder(
  sql: Sql,
  tenant: string,
  orders: readonly string[],
): Promise<ItemRow[]> {
  return sql.query(
    `select ${ITEM} from payment_items i where i.tenant_id = $1 and i.end_to_end = any($2)`,
    [tenant, orders],
  )
}

export async function statesOf(sql: Sql, tenant: string, batch: string): Promise<ItemState[]> {
  const rows = await sql.query<{ state: ItemState }>(
    'select distinct state from payment_items where tenant_id = $1 and batch_id = $2',
    [tenant, batch],
  )
  return rows.map(({ state }) => state)
}

export async function setItemState(
  sql: Sql,
  tenant: string,
  id: string,
  state: ItemState,
  reason?: string | undefined,
): Promise<void> {
  await sql.query(
    `update payment_items set state = $3, bank_reason = coalesce($4, bank_reason) where tenant_id = $1 and id = $2`,
    [tenant, id, state, reason ?? null],
  )
}

/** Gives every drafted item of a batch its number at the bank. */
export async function orderItems(
  sql: Sql,
  tenant: string,
  orders: readonly { readonly id: string; readonly endToEnd: string }[],
): Promise<void> {
  await sql.query(
    `update payment_items i set state = 'ordered', end_to_end = g.number
       from unnest($2::uuid[], $3::text[]) as g (id, number) where i.tenant_id = $1 and i.id = g.id`,
    [tenant, orders.map(({ id }) => id), orders.map(({ endToEnd }) => endToEnd)],
  )
}

/** Lets the entries of items go: others may claim them. */
export async function freeClaims(
  sql: Sql,
  tenant: string,
  items: readonly string[],
): Promise<void> {
  await sql.query(
    'update payment_claims set held = false where tenant_id = $1 and item_id = any($2::uuid[]) and held',
    [tenant, items],
  )
}

/** Takes the entries of an item back. Fails where another item holds one. */
export async function holdClaims(sql: Sql, tenant: string, item: string): Promise<void> {
  await sql.query('update payment_claims set held = true where tenant_id = $1 and item_id = $2', [
    tenant,
    item,
  ])
}

/** Items that hold what this one held. */
export async function holdersNow(sql: Sql, tenant: string, item: string): Promise<ItemRow[]> {
  return sql.query(
    `select ${ITEM} from payment_items i where i.tenant_id = $1 and i.id in (
       select c.item_id from payment_claims own join payment_claims c on c.tenant_id = own.tenant_id and c.subject = own.subject
          and c.kind = own.kind and c.fund = own.fund and c.payee = own.payee and c.held
        where own.tenant_id = $1 and own.item_id = $2 and c.item_id <> $2)`,
    [tenant, item],
  )
}

/** What an item pays: each entry of the ledger, with the bill and settlement that it leads back to. */
export type ClaimRow = {
  readonly subject: string
  readonly kind: string
  readonly amount: number
  readonly day: string
  readonly bill: string | null
  readonly settlement: string | null
  readonly rules: readonly string[]
}

export async function claimsOf(
  sql: Sql,
  tenant: string,
  item: string,
  limit: number,
): Promise<ClaimRow[]> {
  return sql.query(
    `select c.subject, c.kind, c.amount, e.booked_on as day, e.bill_id as bill, e.settlement_id as settlement,
            array(select distinct substr(a, 8) from unnest(e.funds, e.debits, e.credits) as t (fund, debit, credit)
                   cross join lateral (values (t.debit), (t.credit)) as x (a)
                   where t.fund = c.fund and starts_with(a, 'claims/') order by 1) as rules
       from payment_claims c join ledger_entries e on e.tenant_id = c.tenant_id and e.subject = c.subject and e.kind = c.kind
      where c.tenant_id = $1 and c.item_id = $2 order by e.no limit $3`,
    [tenant, item, limit],
  )
}

/** Every entry that the drafted items of a batch claim, and how often an earlier order for it has failed for good. */
export async function claimsOfBatch(
  sql: Sql,
  tenant: string,
  batch: string,
): Promise<
  {
    readonly item: string
    readonly subject: string
    readonly kind: string
    readonly failed: number
  }[]
> {
  return sql.query(
    `select c.item_id as item, c.subject, c.kind,
            (select count(*) from payment_claims o join payment_items f on f.tenant_id = o.tenant_id and f.id = o.item_id
              where o.tenant_id = c.tenant_id and o.subject = c.subject and o.kind = c.kind and o.fund = c.fund
                and o.payee = c.payee and f.state = 'unpaid') as failed
       from payment_claims c join payment_items i on i.tenant_id = c.tenant_id and i.id = c.item_id
      where c.tenant_id = $1 and i.batch_id = $2 and i.state = 'drafted' and c.held
      order by c.item_id, c.subject, c.kind`,
    [tenant, batch],
  )
}

/** What became of the orders that hold entries of one kind. */
export async function paidBy(
  sql: Sql,
  tenant: string,
  kind: string,
  subjects: readonly string[],
): Promise<
  { readonly subject: string; readonly fund: string; readonly state: 'ordered' | 'paid' }[]
> {
  return sql.query(
    `select c.subject, c.fund, case i.state when 'settled' then 'paid' else 'ordered' end as state
       from payment_claims c join payment_items i on i.tenant_id = c.tenant_id and i.id = c.item_id
      where c.tenant_id = $1 and c.kind = $2 and c.subject = any($3) and c.held and i.state <> 'drafted'`,
    [tenant, kind, subjects],
  )
}

/** Settlements that items pay, and that no other item has been ordered to pay. */
export async function settlementsOf(
  sql: Sql,
  tenant: string,
  items: readonly string[],
): Promise<string[]> {
  const rows = await sql.query<{ settlement: string }>(
    `select distinct e.settlement_id as settlement
       from payment_claims c join ledger_entries e on e.tenant_id = c.tenant_id and e.subject = c.subject and e.kind = c.kind
      where c.tenant_id = $1 and c.item_id = any($2::uuid[]) and c.kind = 'settled' and e.settlement_id is not null
        and not exists (select from payment_claims o join payment_items i on i.tenant_id = o.tenant_id and i.id = o.item_id
              where o.tenant_id = $1 and o.subject = c.subject and o.kind = c.kind and o.held and o.item_id <> all($2::uuid[])
                and i.state <> 'drafted')`,
    [tenant, items],
  )
  return rows.map(({ settlement }) => settlement)
}

// --- answers -------------------------------------------------------------------------------------

/** False where the same file was taken in before. */
export async function insertAnswerFile(
  sql: Sql,
  tenant: string,
  file: {
    readonly digest: Buffer
    readonly name: string
    readonly format: string
    readonly answers: number
    readonly user: string
  },
): Promise<boolean> {
  const rows = await sql.query(
    `insert into payment_answer_files (tenant_id, digest, name, format, answers, user_name) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning 1`,
    [tenant, file.digest, file.name, file.format, file.answers, file.user],
  )
  return rows.length > 0
}

export async function insertAnswers(
  sql: Sql,
  tenant: string,
  digest: Buffer,
  answers: readonly {
    readonly endToEnd: string
    readonly item: string | null
    readonly status: AnswerStatus
    readonly amount: number | null
    readonly reason: string | null
    readonly effect: string
  }[],
): Promise<void> {
  await sql.query(
    `insert into payment_answers (tenant_id, file_digest, end_to_end, item_id, status, amount, reason, effect)
     select $1, $2, g.* from unnest($3::text[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::text[]) as g`,
    [
      tenant,
      digest,
      answers.map(({ endToEnd }) => endToEnd),
      answers.map(({ item }) => item),
      answers.map(({ status }) => status),
      answers.map(({ amount }) => amount),
      answers.map(({ reason }) => reason),
      answers.map(({ effect }) => effect),
    ],
  )
}

/** Orders of these that the bank said had come back. */
export async function returnedAmong(
  sql: Sql,
  tenant: string,
  items: readonly string[],
): Promise<Set<string>> {
  const rows = await sql.query<{ item: string }>(
    `select distinct item_id as item from payment_answers
      where tenant_id = $1 and item_id = any($2::uuid[]) and status = 'returned'`,
    [tenant, items],
  )
  return new Set(rows.map(({ item }) => item))
}

/** Orders of these that the bank has paid or refused for certain. */
export async function answeredAmong(
  sql: Sql,
  tenant: string,
  orders: readonly string[],
): Promise<Set<string>> {
  const rows = await sql.query<{ order: string }>(
    `select distinct end_to_end as "order" from payment_answers
      where tenant_id = $1 and end_to_end = any($2) and status <> 'accepted' and effect <> 'duplicate_order'`,
    [tenant, orders],
  )
  return new Set(rows.map(({ order }) => order))
}

export type AnswerRow = {
  readonly at: string
  readonly file: string
  readonly status: AnswerStatus
  readonly amount: number | null
  readonly reason: string | null
  readonly effect: string
}

export async function answersOf(sql: Sql, tenant: string, item: string): Promise<AnswerRow[]> {
  return sql.query(
    `select ${MOMENT('f.at')} as at, f.name as file, a.status, a.amount, a.reason, a.effect
       from payment_answers a join payment_answer_files f on f.tenant_id = a.tenant_id and f.digest = a.file_digest
      where a.tenant_id = $1 and a.item_id = $2 order by a.no`,
    [tenant, item],
  )
}

// --- breaks --------------------------------------------------------------------------------------

export type BreakRow = {
  readonly id: string
  readonly kind: Exclude<BreakKind, 'missing'>
  readonly endToEnd: string
  readonly item: string | null
  readonly status: string
  readonly amount: number | null
  readonly fund: string | null
  readonly payee: string | null
  readonly raisedBy: string
  readonly raisedAt: string
  readonly decision: 'booked' | 'dismissed' | null
  readonly decidedBy: string | null
  readonly reason: string | null
}

const BREAK = `k.id, k.kind, k.end_to_end as "endToEnd", k.item_id as item, k.status, k.amount, k.fund, k.payee,
  k.raised_by as "raisedBy", ${MOMENT('k.raised_at')} as "raisedAt", k.decision, k.decided_by as "decidedBy", k.reason`

/** Raises what does not fit; what is open of the same kind and order already stays as it is. */
export async function raiseBreak(
  sql: Sql,
  tenant: string,
  row: Pick<
    BreakRow,
    'kind' | 'endToEnd' | 'item' | 'status' | 'amount' | 'fund' | 'payee' | 'raisedBy'
  >,
): Promise<void> {
  await sql.query(
    `insert into payment_breaks (tenant_id, kind, end_to_end, item_id, status, amount, fund, payee, raised_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      tenant,
      row.kind,
      row.endToEnd,
      row.item,
      row.status,
      row.amount,
      row.fund,
      row.payee,
      row.raisedBy,
    ],
  )
}

export async function listBreaks(sql: Sql, tenant: string, open: boolean): Promise<BreakRow[]> {
  return sql.query(
    `select ${BREAK} from payment_breaks k where k.tenant_id = $1 and (k.decision is null) = $2 order by k.no desc limit 500`,
    [tenant, open],
  )
}

export async function findBreak(
  sql: Sql,
  tenant: string,
  id: string,
): Promise<BreakRow | undefined> {
  const [row] = await sql.query<BreakRow>(
    `select ${BREAK} from payment_breaks k where k.tenant_id = $1 and k.id = $2`,
    [tenant, id],
  )
  return row
}

export async function openBreaksOf(
  sql: Sql,
  tenant: string,
  items: readonly string[],
): Promise<BreakRow[]> {
  return sql.query(
    `select ${BREAK} from payment_breaks k where k.tenant_id = $1 and k.item_id = any($2::uuid[]) and k.decision is null`,
    [tenant, items],
  )
}

/** What was raised about an order, open or decided. */
export async function breaksOfOrder(
  sql: Sql,
  tenant: string,
  endToEnd: string,
): Promise<BreakRow[]> {
  return sql.query(
    `select ${BREAK} from payment_breaks k where k.tenant_id = $1 and k.end_to_end = $2 order by k.no desc`,
    [tenant, endToEnd],
  )
}

/** Orders that were paid, that nobody here gave and about which nobody has decided. */
export async function openUnknown(sql: Sql, tenant: string): Promise<BreakRow[]> {
  return sql.query(
    `select ${BREAK} from payment_breaks k
      where k.tenant_id = $1 and k.kind = 'unknown_order' and k.decision is null order by k.no`,
    [tenant],
  )
}

export async function decideBreak(
  sql: Sql,
  tenant: string,
  id: string,
  {
    decision,
    user,
    reason,
    fund,
    payee,
  }: {
    readonly decision: 'booked' | 'dismissed'
    readonly user: string
    readonly reason: string
    readonly fund: string | null
    readonly payee: string | null
  },
): Promise<void> {
  await sql.query(
    `update payment_breaks set decision = $3, decided_by = $4, decided_at = now(), reason = $5, fund = $6, payee = $7
      where tenant_id = $1 and id = $2`,
    [tenant, id, decision, user, reason, fund, payee],
  )
}

/** Orders that were sent and have no answer that ends them, with the days in which their bank answers. */
export type Waiting = {
  readonly item: string
  readonly batch: string
  readonly endToEnd: string
  readonly fund: string
  readonly payee: string
  readonly amount: number
  readonly sentOn: string
  readonly answerDays: number
}

export async function waitingOrders(sql: Sql, tenant: string, limit: number): Promise<Waiting[]> {
  return sql.query(
    `select i.id as item, i.batch_id as batch, i.end_to_end as "endToEnd", i.fund, i.payee, i.amount, b.sent_on as "sentOn",
            a.answer_days as "answerDays"
       from payment_items i join payment_batches b on b.tenant_id = i.tenant_id and b.id = i.batch_id
       join payment_accounts a on a.tenant_id = i.tenant_id and a.id = i.fund_account_id
      where i.tenant_id = $1 and b.state = 'sent' and i.state in ('ordered', 'accepted') order by b.sent_on, i.no limit $2`,
    [tenant, limit],
  )
}

// --- holds ---------------------------------------------------------------------------------------

export type HoldRow = { readonly no: number; readonly since: string; readonly cause: string }

export async function openHold(sql: Sql, tenant: string): Promise<HoldRow | undefined> {
  const [row] = await sql.query<HoldRow>(
    `select no, ${MOMENT('since')} as since, cause from payment_holds
      where tenant_id = $1 and ended_at is null order by no limit 1`,
    [tenant],
  )
  return row
}

export async function insertHold(sql: Sql, tenant: string, cause: string): Promise<void> {
  await sql.query('insert into payment_holds (tenant_id, cause) values ($1, $2)', [tenant, cause])
}

export async function endHolds(
  sql: Sql,
  tenant: string,
  { user, reason }: { readonly user: string; readonly reason: string },
): Promise<number> {
  const rows = await sql.query(
    `update payment_holds set ended_at = now(), ended_by = $2, reason = $3
      where tenant_id = $1 and ended_at is null returning 1`,
    [tenant, user, reason],
  )
  return rows.length
}

// --- verifying -----------------------------------------------------------------------------------

/** Payees whose payments under way, or whose claims, are not what the ledger says; a few of them. */
export async function payingThatDiffers(
  sql: Sql,
  tenant: string,
): Promise<{ readonly fund: string; readonly payee: string }[]> {
  return sql.query(
    `with posted as (
       select t.fund, substr(l.account, 8) as payee, sum(l.amount)::bigint as amount
         from ledger_entries e cross join lateral unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
        cross join lateral (values (t.debit, -t.amount), (t.credit, t.amount)) as l (account, amount)
        where e.tenant_id = $1 and e.kind in ('ordered', 'paid', 'returned', 'unpaid') and starts_with(l.account, 'paying/') group by 1, 2
     ), ordered as (
       select fund, payee, sum(amount)::bigint as amount from payment_items
        where tenant_id = $1 and state in ('ordered', 'accepted', 'failed', 'returned') group by 1, 2
     )
     select coalesce(p.fund, o.fund) as fund, coalesce(p.payee, o.payee) as payee
       from posted p full join ordered o on o.fund = p.fund and o.payee = p.payee
      where coalesce(p.amount, 0) <> coalesce(o.amount, 0) order by 1, 2 limit 20`,
    [tenant],
  )
}

/** Items whose claims do not come to their amount, or claim what the ledger does not owe; a few of them. */
export async function itemsThatDiffer(sql: Sql, tenant: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `select i.id from payment_items i
      where i.tenant_id = $1 and i.state not in ('left-out', 'unpaid')
        and i.amount <> coalesce((
          select sum((select sum(case when t.credit = ${ACCOUNT_OF('c.payee')} then t.amount else -t.amount end)
                   from unnest(e.funds, e.debits, e.credits, e.amounts) as t (fund, debit, credit, amount)
                  where t.fund = c.fund and ${ACCOUNT_OF('c.payee')} in (t.debit, t.credit)))
            from payment_claims c join ledger_entries e on e.tenant_id = c.tenant_id and e.subject = c.subject and e.kind = c.kind
           where c.tenant_id = i.tenant_id and c.item_id = i.id and c.held), 0)
      order by 1 limit 20`,
    [tenant],
  )
  return rows.map(({ id }) => id)
}
