import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Dropdown } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link, NavLink, Outlet, useLocation } from 'react-router'
import { api } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { LanguageSwitch } from '#web/parts/language-switch.tsx'
import { Mark } from '#web/parts/mark.tsx'
import { Page } from '#web/parts/page.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useActive } from '#web/parts/use-active.ts'
import { useLogout } from '#web/parts/use-logout.ts'
import type { WordKey } from '#web/words.ts'

/** Each page, and what somebody has to be allowed to do for it to be of use; a page that says nothing is everybody's. */
const PAGES: readonly {
  readonly to: string
  readonly word: WordKey
  readonly needs?: readonly string[]
}[] = [
  { to: '/', word: 'settlePage', needs: ['persons list', 'settlements try'] },
  { to: '/persons', word: 'personsPage', needs: ['persons list', 'settlements try'] },
  { to: '/imports', word: 'importsPage', needs: ['imports run'] },
  { to: '/employers', word: 'employersPage', needs: ['employers list'] },
  { to: '/institutions', word: 'institutionsPage', needs: ['institutions read'] },
  { to: '/referrals', word: 'referralsPage', needs: ['referrals enter'] },
  { to: '/own-cases', word: 'ownCases', needs: ['own cases read'] },
  { to: '/cases', word: 'casesPage', needs: ['case limits read'] },
  { to: '/clearing', word: 'clearingPage', needs: ['clearings try'] },
  { to: '/payments', word: 'paymentsPage', needs: ['payments read'] },
  { to: '/reserves', word: 'reservesPage', needs: ['reserves read'] },
  { to: '/month-ends', word: 'monthEndsPage', needs: ['months read'] },
  { to: '/coinsurance', word: 'coinsurancePage', needs: ['panels read'] },
  { to: '/regions', word: 'regionsPage', needs: ['regions read'] },
  { to: '/ledger', word: 'ledgerPage', needs: ['ledger read'] },
  { to: '/contracts', word: 'contractsPage', needs: ['contracts read'] },
  { to: '/schemes', word: 'schemesPage' },
  { to: '/catalogue', word: 'cataloguePage' },
  { to: '/drafts', word: 'draftsPage', needs: ['drafts write'] },
  { to: '/scenarios', word: 'scenariosPage', needs: ['scenarios read'] },
  { to: '/account-uses', word: 'accountUsesPage', needs: ['accounts rule'] },
  { to: '/users', word: 'usersPage', needs: ['users manage'] },
  { to: '/emergency', word: 'emergencyPage', needs: ['emergencies open'] },
  { to: '/access-log', word: 'accessLogPage', needs: ['log read'] },
  { to: '/about', word: 'aboutPage' },
]

/** One person's page is for whoever sees the whole of a file, their own or anybody's. */
const DETAILS: readonly { readonly under: string; readonly needs: readonly string[] }[] = [
  { under: '/persons/', needs: ['files read'] },
  { under: '/employers/', needs: ['employers read'] },
  { under: '/own-cases/', needs: ['own cases read'] },
  { under: '/cases/', needs: ['cases read'] },
  { under: '/contracts/', needs: ['contracts read'] },
  { under: '/payments/', needs: ['payments read'] },
  { under: '/month-ends/', needs: ['months read'] },
  { under: '/regions/', needs: ['regions read'] },
  { under: '/drafts/', needs: ['drafts write'] },
  { under: '/scenarios/', needs: ['scenarios read'] },
]

/** Whether a page is of use to whoever is signed in. */
export function mayVisit(path: string, may: readonly string[]): boolean {
  const detail = DETAILS.find(({ under }) => path.startsWith(under))
  const needs = detail?.needs ?? PAGES.find(({ to }) => to === path)?.needs ?? []
  return needs.every((each) => may.includes(each))
}

/** What stands around every page: the way to the others, the language, and who is signed in. */
export function Shell() {
  const { say } = useLanguage()
  const { tenant, may } = useSession()
  const { pathname } = useLocation()
  const [open, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  // A reader of the screen hears the new page; the first one is announced by the browser.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the page changes, and only then
  useEffect(() => {
    setOpen(false)
    if (first.current) first.current = false
    else main.current?.focus({ preventScroll: true })
  }, [pathname])
  return (
    <>
      <a className="skip" href="#main">
        {say('skip')}
      </a>
      <header className="top">
        <Link to="/" className="top-mark">
          <Mark />
        </Link>
        {tenant.demonstration && <span className="tenant">{say('demonstrationTenant')}</span>}
        <nav className="top-nav" aria-label={say('mainMenu')}>
          <Pages />
        </nav>
        <div className="top-side">
          <LanguageSwitch />
          <UserMenu />
          <Button
            className="top-menu"
            aria-expanded={open}
            aria-label={say('mainMenu')}
            onClick={() => setOpen(true)}
          >
            ☰
          </Button>
        </div>
      </header>
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        title={say('mainMenu')}
        size={280}
        closable={{ 'aria-label': say('close') }}
      >
        <nav className="side-nav" aria-label={say('mainMenu')}>
          <Pages />
        </nav>
      </Drawer>
      <main id="main" ref={main} tabIndex={-1}>
        {pathname === '/' || mayVisit(pathname, may) ? <Outlet /> : <NotYours />}
      </main>
    </>
  )
}

/** A page that was opened by its address, by somebody whose role has no use for it. */
function NotYours() {
  const { say } = useLanguage()
  return (
    <Page title={say('notYoursPage')} lead={say('notYoursLead')}>
      <p>
        <Link to="/">{say('notYoursBack')}</Link>
      </p>
    </Page>
  )
}

function Pages() {
  const { say } = useLanguage()
  const { user, may } = useSession()
  const own = may.includes('persons list') ? [] : (user.scope.persons ?? [])
  return (
    <ul>
      {own.map(({ person }) => (
        <li key={person}>
          <NavLink to={`/persons/${encodeURIComponent(person)}`}>
            {say('ownFile', { person })}
          </NavLink>
        </li>
      ))}
      {PAGES.filter(({ to }) => mayVisit(to, may)).map(({ to, word }) => (
        <li key={to}>
          <NavLink to={to} end={to === '/'}>
            {say(word)}
            {to === '/emergency' && user.role === 'supervisor' && <EmergencyBadge />}
          </NavLink>
        </li>
      ))}
    </ul>
  )
}

/** How many emergency accesses nobody has acknowledged; asked again every half minute. */
function EmergencyBadge() {
  const { say } = useLanguage()
  const active = useActive()
  const { data } = useQuery({
    queryKey: ['emergencies-waiting'],
    queryFn: api.emergenciesWaiting,
    refetchInterval: active ? 30_000 : false,
  })
  if (!data || data.waiting === 0) return null
  const text = say('emergencyWaitingCount', { n: data.waiting })
  return (
    <>
      {' '}
      <span className="badge-count" title={text}>
        {data.waiting}
        <span className="out-of-sight"> {text}</span>
      </span>
    </>
  )
}

function UserMenu() {
  const { say } = useLanguage()
  const { user } = useSession()
  const logout = useLogout()
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'account',
            label: <Link to="/account">{say('accountPage')}</Link>,
          },
          { key: 'logout', label: say('logout'), onClick: () => logout.mutate() },
        ],
      }}
    >
      <Button type="text" loading={logout.isPending}>
        <span className="top-user">{user.name}</span> ▾
      </Button>
    </Dropdown>
  )
}
