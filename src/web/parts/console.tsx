import { useQuery } from '@tanstack/react-query'
import { App, Button, ConfigProvider } from 'antd'
import enUS from 'antd/es/locale/en_US.js'
import zhCN from 'antd/es/locale/zh_CN.js'
import { lazy, type ReactNode, Suspense } from 'react'
import { createBrowserRouter, Navigate } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { api, Problem, type Session } from '#web/api.ts'
import { Crash } from '#web/parts/crash.tsx'
import { useLanguage } from '#web/parts/language.tsx'
import { LanguageSwitch } from '#web/parts/language-switch.tsx'
import { Mark } from '#web/parts/mark.tsx'
import { ProblemAlert } from '#web/parts/problem-alert.tsx'
import { SessionProvider, useSession } from '#web/parts/session.tsx'
import { mayVisit, Shell } from '#web/parts/shell.tsx'
import { THEME } from '#web/parts/theme.ts'
import { useLogout } from '#web/parts/use-logout.ts'
import { Waiting } from '#web/parts/waiting.tsx'

const LoginPage = lazy(() => import('#web/pages/login.tsx'))
const AccountPage = lazy(() => import('#web/pages/account.tsx'))
const PasswordPage = lazy(() => import('#web/pages/password.tsx'))
const SecondFactorPage = lazy(() => import('#web/pages/second-factor.tsx'))
const SettlePage = lazy(() => import('#web/pages/settle.tsx'))
const PersonsPage = lazy(() => import('#web/pages/persons.tsx'))
const PersonPage = lazy(() => import('#web/pages/person.tsx'))
const ImportsPage = lazy(() => import('#web/pages/imports.tsx'))
const EmergencyPage = lazy(() => import('#web/pages/emergency.tsx'))
const EmployersPage = lazy(() => import('#web/pages/employers.tsx'))
const EmployerPage = lazy(() => import('#web/pages/employer.tsx'))
const SitePage = lazy(() => import('#web/pages/site.tsx'))
const AccountUsesPage = lazy(() => import('#web/pages/account-uses.tsx'))
const InstitutionsPage = lazy(() => import('#web/pages/institutions.tsx'))
const ReferralsPage = lazy(() => import('#web/pages/referrals.tsx'))
const ClearingPage = lazy(() => import('#web/pages/clearing.tsx'))
const OwnCasesPage = lazy(() => import('#web/pages/own-cases.tsx'))
const OwnCasePage = lazy(() => import('#web/pages/own-case.tsx'))
const CasesPage = lazy(() => import('#web/pages/cases.tsx'))
const CasePage = lazy(() => import('#web/pages/case.tsx'))
const ReservesPage = lazy(() => import('#web/pages/reserves.tsx'))
const ContractsPage = lazy(() => import('#web/pages/contracts.tsx'))
const ContractPage = lazy(() => import('#web/pages/contract.tsx'))
const ContractYearPage = lazy(() => import('#web/pages/contract-year.tsx'))
const MonthEndsPage = lazy(() => import('#web/pages/month-ends.tsx'))
const MonthEndPage = lazy(() => import('#web/pages/month-end.tsx'))
const CoinsurancePage = lazy(() => import('#web/pages/coinsurance.tsx'))
const RegionsPage = lazy(() => import('#web/pages/regions.tsx'))
const RegionPage = lazy(() => import('#web/pages/region.tsx'))
const PaymentsPage = lazy(() => import('#web/pages/payments.tsx'))
const PaymentBatchPage = lazy(() => import('#web/pages/payment-batch.tsx'))
const PaymentOrderPage = lazy(() => import('#web/pages/payment-order.tsx'))
const LedgerPage = lazy(() => import('#web/pages/ledger.tsx'))
const SchemesPage = lazy(() => import('#web/pages/schemes.tsx'))
const CataloguePage = lazy(() => import('#web/pages/catalogue.tsx'))
const DraftsPage = lazy(() => import('#web/pages/drafts.tsx'))
const DraftPage = lazy(() => import('#web/pages/draft.tsx'))
const ScenariosPage = lazy(() => import('#web/pages/scenarios.tsx'))
const ScenarioPage = lazy(() => import('#web/pages/scenario.tsx'))
const UsersPage = lazy(() => import('#web/pages/users.tsx'))
const AccessLogPage = lazy(() => import('#web/pages/access-log.tsx'))
const AboutPage = lazy(() => import('#web/pages/about.tsx'))
const NotFoundPage = lazy(() => import('#web/pages/not-found.tsx'))

const page = (element: ReactNode) => <Suspense fallback={<Waiting />}>{element}</Suspense>

const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <Crash />,
    children: [
      { path: '/', element: <Home /> },
      { path: '/persons', element: page(<PersonsPage />) },
      { path: '/persons/:person', element: page(<PersonPage />) },
      { path: '/imports', element: page(<ImportsPage />) },
      { path: '/employers', element: page(<EmployersPage />) },
      { path: '/employers/:employer', element: page(<EmployerPage />) },
      { path: '/sites/:site', element: page(<SitePage />) },
      { path: '/account-uses', element: page(<AccountUsesPage />) },
      { path: '/institutions', element: page(<InstitutionsPage />) },
      { path: '/referrals', element: page(<ReferralsPage />) },
      { path: '/clearing', element: page(<ClearingPage />) },
      { path: '/own-cases', element: page(<OwnCasesPage />) },
      { path: '/own-cases/:case', element: page(<OwnCasePage />) },
      { path: '/cases', element: page(<CasesPage />) },
      { path: '/cases/:case', element: page(<CasePage />) },
      { path: '/contracts', element: page(<ContractsPage />) },
      { path: '/contracts/:contract', element: page(<ContractPage />) },
      { path: '/contracts/years/:statement', element: page(<ContractYearPage />) },
      { path: '/coinsurance', element: page(<CoinsurancePage />) },
      { path: '/regions', element: page(<RegionsPage />) },
      { path: '/regions/:insured/:treating', element: page(<RegionPage />) },
      { path: '/payments', element: page(<PaymentsPage />) },
      { path: '/payments/:batch', element: page(<PaymentBatchPage />) },
      { path: '/payments/orders/:order', element: page(<PaymentOrderPage />) },
      { path: '/reserves', element: page(<ReservesPage />) },
      { path: '/month-ends', element: page(<MonthEndsPage />) },
      { path: '/month-ends/:month/:institution/:fund', element: page(<MonthEndPage />) },
      { path: '/ledger', element: page(<LedgerPage />) },
      { path: '/schemes/*', element: page(<SchemesPage />) },
      { path: '/catalogue', element: page(<CataloguePage />) },
      { path: '/drafts', element: page(<DraftsPage />) },
      { path: '/drafts/:draft', element: page(<DraftPage />) },
      { path: '/scenarios', element: page(<ScenariosPage />) },
      { path: '/scenarios/:scenario', element: page(<ScenarioPage />) },
      { path: '/users', element: page(<UsersPage />) },
      { path: '/emergency', element: page(<EmergencyPage />) },
      { path: '/access-log', element: page(<AccessLogPage />) },
      { path: '/about', element: page(<AboutPage />) },
      { path: '/account', element: page(<AccountPage />) },
      { path: '*', element: page(<NotFoundPage />) },
    ],
  },
])

/** Where somebody begins: the desk, their own file, their own staff; the rules are everybody's. */
function Home() {
  const { user, may } = useSession()
  if (mayVisit('/', may)) return page(<SettlePage />)
  const [own] = user.scope.persons ?? []
  if (own && may.includes('files read'))
    return <Navigate to={`/persons/${encodeURIComponent(own.person)}`} replace />
  const { employer } = user.scope
  if (employer !== undefined)
    return <Navigate to={`/employers/${encodeURIComponent(employer)}`} replace />
  if (mayVisit('/payments', may)) return <Navigate to="/payments" replace />
  return <Navigate to="/schemes" replace />
}

/** The whole console: nobody signed in, a password to change, or the pages. */
export function Console() {
  const { lang } = useLanguage()
  return (
    <ConfigProvider
      locale={lang === 'zh' ? zhCN : enUS}
      theme={THEME}
      button={{ autoInsertSpace: false }}
    >
      <App>
        <Suspense fallback={<Waiting />}>
          <Door />
        </Suspense>
      </App>
    </ConfigProvider>
  )
}

function Door() {
  const door = useQuery({ queryKey: ['session'], queryFn: api.door, staleTime: 60_000 })
  const { data, error, isPending, refetch } = door
  if (isPending) return <Waiting />
  if (error instanceof Problem && error.status === 401)
    return <LoginPage demonstration={[]} provider={undefined} />
  if (!data) return <ProblemAlert error={error} retry={() => void refetch()} />
  if (!data.session)
    return <LoginPage demonstration={data.demonstration} provider={data.provider} />
  return <Inside session={data.session} />
}

function Inside({ session }: { readonly session: Session }) {
  const { user, tenant, mustSetSecondFactor } = session
  if (user.mustChangePassword || mustSetSecondFactor)
    return (
      <main className="door" id="main">
        <div className="door-head">
          <Mark />
          <span>
            <LanguageSwitch />
            <LogoutButton />
          </span>
        </div>
        {user.mustChangePassword ? (
          <PasswordPage words={[user.name, tenant.id, tenant.name]} />
        ) : (
          <SecondFactorPage />
        )}
      </main>
    )
  return (
    <SessionProvider session={session}>
      <RouterProvider router={router} />
    </SessionProvider>
  )
}

function LogoutButton() {
  const { say } = useLanguage()
  const logout = useLogout()
  return (
    <Button type="text" loading={logout.isPending} onClick={() => logout.mutate()}>
      {say('logout')}
    </Button>
  )
}
