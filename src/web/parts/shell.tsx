import { useQuery } from '@tanstack/react-query'
import { Button, Drawer, Dropdown } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { Link, NavLink, Outlet, useLocation } from 'react-router'
import { api, ROLES, type Role } from '#web/api.ts'
import { useLanguage } from '#web/parts/language.tsx'
import { LanguageSwitch } from '#web/parts/language-switch.tsx'
import { Mark } from '#web/parts/mark.tsx'
import { useSession } from '#web/parts/session.tsx'
import { useActive } from '#web/parts/use-active.ts'
import { useLogout } from '#web/parts/use-logout.ts'
import type { WordKey } from '#web/words.ts'

const PAGES: readonly {
  readonly to: string
  readonly word: WordKey
  readonly roles: readonly Role[]
}[] = [
  { to: '/', word: 'settlePage', roles: ['handler', 'actuary'] },
  { to: '/persons', word: 'personsPage', roles: ['handler', 'actuary'] },
  { to: '/imports', word: 'importsPage', roles: ['handler'] },
  { to: '/employers', word: 'employersPage', roles: ['handler', 'actuary'] },
  { to: '/institutions', word: 'institutionsPage', roles: ['handler', 'actuary'] },
  { to: '/clearing', word: 'clearingPage', roles: ['handler', 'actuary'] },
  { to: '/schemes', word: 'schemesPage', roles: ROLES },
  { to: '/catalogue', word: 'cataloguePage', roles: ['handler', 'actuary', 'admin'] },
  { to: '/drafts', word: 'draftsPage', roles: ['actuary', 'admin'] },
  { to: '/users', word: 'usersPage', roles: ['admin'] },
  {
    to: '/emergency',
    word: 'emergencyPage',
    roles: ['handler', 'reviewer', 'investigator', 'cashier', 'supervisor', 'hospital'],
  },
  { to: '/access-log', word: 'accessLogPage', roles: ['supervisor', 'regulator', 'admin'] },
  { to: '/about', word: 'aboutPage', roles: ROLES },
]

export const mayVisit = (path: string, role: Role): boolean =>
  PAGES.find(({ to }) => to === path)?.roles.includes(role) ?? true

/** What stands around every page: the way to the others, the language, and who is signed in. */
export function Shell() {
  const { say } = useLanguage()
  const { tenant } = useSession()
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
        <Outlet />
      </main>
    </>
  )
}

function Pages() {
  const { say } = useLanguage()
  const { user } = useSession()
  return (
    <ul>
      {PAGES.filter(({ roles }) => roles.includes(user.role)).map(({ to, word }) => (
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
        {user.name} ▾
      </Button>
    </Dropdown>
  )
}
