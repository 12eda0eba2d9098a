/** People in a browser: files, imports, employers, users, emergencies, and who looked. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateSync } from 'otplib'
import { WORDS } from '../src/web/words.ts'
import { DESK, fromMenu, openStage, PHONE, switchLanguage, word } from './browser/stage.ts'
import { accessibilityFaults, scrollsSideways, signIn } from './browser/walk.ts'

const { open, origin, skip } = await openStage()

test('an administrator resets a password; its owner chooses another, sets up a second factor and signs in with it', {
  skip,
}, async () => {
  const admin = await open(PHONE)
  await signIn(admin.page, origin, 'admin')
  await admin.page.goto(`${origin}/users`)
  await admin.page.getByLabel(WORDS.userFind.zh).fill('handler2')
  const manage = WORDS.manageUser.zh.replace('{user}', 'handler2')
  await admin.page.getByRole('button', { name: manage }).click()
  const panel = admin.page.getByRole('dialog', { name: manage })
  await panel.getByRole('button', { name: WORDS.resetPassword.zh }).click()
  const question = admin.page.getByRole('dialog', { name: /重置 handler2 的密码/ })
  await question.getByRole('button', { name: WORDS.resetPassword.zh }).click()
  const password = (await panel.getByRole('status').locator('code').textContent()) ?? ''
  assert.match(password, /^[a-z0-9]{5}(-[a-z0-9]{5}){5}$/)
  assert.deepEqual(await accessibilityFaults(admin.page), [])
  assert.equal(await scrollsSideways(admin.page), false)
  assert.deepEqual(admin.complaints, [])
  await admin.close()

  const { page, complaints, close } = await open(PHONE)
  const enter = async (password: string) => {
    await page.getByLabel(WORDS.user.zh).fill('handler2')
    await page.getByLabel(WORDS.password.zh, { exact: true }).fill(password)
    await page.getByRole('button', { name: word('login', 'zh') }).click()
  }
  await page.goto(origin)
  await enter(password)
  await page.getByRole('heading', { level: 1, name: WORDS.passwordPage.zh }).waitFor()
  await page.getByLabel(WORDS.currentPassword.zh).fill(password)
  const next = page.getByLabel(WORDS.newPassword.zh, { exact: true })
  await next.fill('kangyang2026')
  await page.getByText(WORDS.passwordWeak.zh).waitFor()
  await page.getByLabel(WORDS.newPasswordAgain.zh).fill('one of my own words')
  await page.getByText(WORDS.passwordContext.zh).waitFor()
  await next.fill('one of my own words')
  await page.getByText(WORDS.passwordStrong.zh).waitFor()
  await page.getByRole('button', { name: word('changePassword', 'zh') }).click()
  await page.getByRole('heading', { level: 1, name: WORDS.settlePage.zh }).waitFor()

  await page.goto(`${origin}/account`)
  const factor = page.locator('section', { hasText: WORDS.factorNote.zh })
  await factor.getByLabel(WORDS.currentPassword.zh).fill('one of my own words')
  await factor.getByRole('button', { name: word('factorBegin', 'zh') }).click()
  await page.getByRole('img', { name: WORDS.factorPicture.zh }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  const secret = ((await page.locator('code.secret').textContent()) ?? '').replaceAll(' ', '')
  await page.getByLabel(WORDS.code.zh).fill(generateSync({ secret }))
  await page.getByRole('button', { name: word('factorConfirm', 'zh') }).click()
  await page.getByText(WORDS.factorSet.zh).waitFor()
  assert.equal(await page.locator('.recovery li').count(), 10)
  const recovery = (await page.locator('.recovery code').first().textContent()) ?? ''
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.equal(await scrollsSideways(page), false)
  await page.getByRole('button', { name: word('recoveryKept', 'zh') }).click()
  await page.getByText(/恢复码还有 10 个/).waitFor()

  await page.context().clearCookies()
  await page.goto(origin)
  await enter('one of my own words')
  await page.getByLabel(WORDS.codeOrRecovery.zh).fill(recovery)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: WORDS.settlePage.zh }).waitFor()
  // The browser itself remarks on the sign-in that a code was wanting for.
  assert.deepEqual(
    complaints.filter((each) => !each.includes('401')),
    [],
  )
  await close()
})

test('an administrator adds a user, changes the role, disables and enables them (en)', {
  skip,
}, async () => {
  const { page, complaints, close } = await open(DESK)
  await signIn(page, origin, 'admin')
  await switchLanguage(page)
  await page.goto(`${origin}/users`)
  await page.getByLabel(WORDS.user.en, { exact: true }).fill('newcomer')
  await page.getByRole('button', { name: WORDS.addUser.en }).click()
  await page.getByText('The one-time password of newcomer').waitFor()
  await page.getByLabel(WORDS.userFind.en).fill('newc')
  await page.getByRole('button', { name: 'Manage: newcomer' }).click()
  const panel = page.getByRole('dialog', { name: 'Manage: newcomer' })
  const ask = async (key: 'disableUser' | 'enableUser', question: string) => {
    await panel.getByRole('button', { name: word(key, 'en') }).click()
    const dialog = page.getByRole('dialog', { name: question })
    await dialog.getByRole('textbox').fill('moved to another office')
    await dialog.getByRole('button', { name: word(key, 'en') }).click()
    await dialog.waitFor({ state: 'hidden' })
  }
  await ask('disableUser', 'Disable newcomer?')
  await panel.getByText('Disabled by admin at').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  await ask('enableUser', 'Enable newcomer?')
  await panel.getByRole('button', { name: WORDS.disableUser.en }).waitFor()

  await panel.getByLabel(WORDS.scopeRegions.en).fill('teaching/shifan')
  await panel.getByRole('button', { name: WORDS.accessSave.en }).click()
  await page
    .getByRole('dialog', { name: 'Change the role and scope of newcomer?' })
    .getByRole('button', { name: WORDS.accessSave.en })
    .click()
  await page.getByRole('cell', { name: 'teaching/shifan' }).waitFor()
  await panel.getByRole('button', { name: WORDS.close.en }).first().click()

  // Nobody takes their own right.
  await page.getByLabel(WORDS.userFind.en).fill('admin')
  await page.getByRole('button', { name: 'Manage: admin' }).click()
  const own = page.getByRole('dialog', { name: 'Manage: admin' })
  await own.getByText(/^This is you/).waitFor()
  assert.equal(await own.getByRole('button', { name: word('disableUser', 'en') }).count(), 0)
  assert.deepEqual(complaints, [])
  await close()
})

test('a file is opened in an emergency; a supervisor sees it and acknowledges it', {
  skip,
}, async () => {
  const desk = await open(DESK)
  await signIn(desk.page, origin, 'handler')
  await desk.page.goto(`${origin}/emergency?person=elder`)
  await desk.page.getByLabel(WORDS.emergencyCategory.zh).click()
  await desk.page.locator('.ant-select-item-option', { hasText: WORDS.emergencyCare.zh }).click()
  await desk.page.getByLabel(WORDS.emergencyReason.zh).fill('昏迷送医，家属不在，须核对过敏史')
  const opens = word('emergencyOpen', 'zh')
  await desk.page.locator('main').getByRole('button', { name: opens }).click()
  await desk.page.getByRole('dialog').getByRole('button', { name: opens }).click()
  await desk.page.getByRole('button', { name: '提前结束：elder' }).waitFor()
  assert.deepEqual(await accessibilityFaults(desk.page), [])
  await desk.page.goto(`${origin}/persons/elder?tab=history`)
  await desk.page.getByText('紧急打开档案：紧急救治').waitFor()
  assert.deepEqual(desk.complaints, [])
  await desk.close()

  const boss = await open(PHONE)
  await signIn(boss.page, origin, 'supervisor')
  await switchLanguage(boss.page)
  await boss.page.goto(`${origin}/emergency`)
  const name = 'Acknowledge: handler looking at elder'
  await boss.page.getByRole('button', { name }).click()
  const dialog = boss.page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('Checked with the hospital')
  await dialog.getByRole('button', { name: word('emergencyAcknowledge', 'en') }).click()
  await boss.page.getByText(/Acknowledged by supervisor at/).waitFor()
  await boss.page.getByText(/Checked with the hospital/).waitFor()
  assert.deepEqual(await accessibilityFaults(boss.page), [])
  assert.equal(await scrollsSideways(boss.page), false)
  assert.deepEqual(boss.complaints, [])
  await boss.close()
})

test('a file of enrolments is checked, imported, and its persons settle', { skip }, async () => {
  const { page, complaints, close } = await open(DESK)
  await signIn(page, origin, 'handler')
  await page.goto(`${origin}/imports`)
  const head = '证件号码,姓名,方案,起始日,终止日,登记日,参保人群\n'
  const rest = 'teaching/shifan/resident,2026-01-01,2026-12-31,2025-11-20,成年居民\n'
  const good = `11010519491231002X,示例,${rest}`
  const wrong = `110105194912310021,示例,${rest}`
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByText('选择参保文件，或拖到这里').click(),
  ])
  await chooser.setFiles({
    name: '参保.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(head + good + wrong),
  })
  await page.getByText('已校验，尚未导入').first().waitFor()
  await page.getByText('身份证号的校验码不符').waitFor()
  assert(!((await page.locator('main').textContent()) ?? '').includes('110105194912310021'))
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.getByRole('button', { name: '导入正确的行' }).click()
  await page.getByText('已导入').first().waitFor()
  await switchLanguage(page)
  await page.getByText('1 new, 0 changed, 0 unchanged, 1 at fault; 1 new persons').first().waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  assert.deepEqual(complaints, [])
  await close()
})

test('a handler adds a person, enrols them and ends the cover; an employer sees its staff', {
  skip,
}, async () => {
  const { page, complaints, close } = await open(DESK)
  await signIn(page, origin, 'handler')
  await page.goto(`${origin}/persons`)
  await page.getByLabel('姓名', { exact: true }).fill('示例甲')
  await page.getByLabel('身份证号', { exact: true }).fill('44052418800101001x')
  await page.getByRole('button', { name: '登记参保人' }).click()
  await page.getByText('身份证号的校验码不符').waitFor()
  await page.getByLabel('身份证号', { exact: true }).fill('440524198001010013')
  await page.getByRole('button', { name: '登记参保人' }).click()
  await page.getByText('44**************13').waitFor()
  const person = decodeURIComponent(page.url().split('/').at(-1) ?? '')

  await page.getByRole('button', { name: '办理参保…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('方案').click()
  await page.keyboard.type('居民')
  await page.keyboard.press('Enter')
  await dialog.getByLabel('开始').fill('2025-01-01')
  await dialog.getByLabel('登记日').fill('2025-11-20')
  await dialog.getByRole('button', { name: '办理参保' }).click()
  // What is refused stands beside its field, and what was typed is still there.
  await dialog.getByText(/没有说明追溯的原因/).waitFor()
  await dialog.getByLabel('原因').fill('补办')
  assert.deepEqual(await accessibilityFaults(page), [])
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await fromMenu(page, page.getByRole('button', { name: /^办理 .*2025-01-01$/ }), /^终止…$/)
  await dialog.getByLabel('最后一天').fill('2026-06-30')
  await dialog.getByRole('button', { name: /^终\s?止$/ }).click()
  await page.getByRole('cell', { name: '2026-06-30' }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])

  await page.goto(`${origin}/employers`)
  await page.getByLabel('单位编号').fill('mill')
  await page.getByLabel('单位名称', { exact: true }).fill('示例纺织厂')
  await page.getByRole('button', { name: '登记单位' }).click()
  await page.getByRole('link', { name: '示例纺织厂' }).click()
  await page.getByRole('button', { name: '增员…' }).click()
  await dialog.getByLabel('编号', { exact: true }).fill(person)
  await dialog.getByLabel('工作起').fill('2026-01-01')
  await dialog.getByRole('button', { name: '增员' }).click()
  await page.getByRole('link', { name: new RegExp(person) }).waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])

  await page.goto(`${origin}/institutions`)
  await page.getByRole('button', { name: '登记机构…' }).click()
  await dialog.getByLabel('机构编号').fill('H001')
  await dialog.getByLabel('机构名称').fill('示例医院')
  await dialog.getByRole('button', { name: '登记机构' }).click()
  await page.getByText('示例医院 H001').first().waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
  // The browser itself remarks on the refusal that was provoked.
  assert.deepEqual(
    complaints.filter((each) => !each.includes('422')),
    [],
  )
  await close()
})

test('one file, every side of it: a certificate, an account, a merge undone, and who looked', {
  skip,
}, async () => {
  for (const [size, language] of [
    [DESK, 'zh'],
    [PHONE, 'en'],
  ] as const) {
    const { page, complaints, close } = await open(size)
    const say = (key: keyof typeof WORDS) => WORDS[key][language]
    const dialog = page.getByRole('dialog')
    const press = (key: keyof typeof WORDS) =>
      page.getByRole('button', { name: `${say(key)}…` }).click()
    const confirm = (key: keyof typeof WORDS) =>
      dialog.getByRole('button', { name: word(key, language) }).click()
    const sound = async (where: string) => {
      assert.deepEqual(await accessibilityFaults(page), [], `${where}, ${language}`)
      assert.equal(await scrollsSideways(page), false, `${where}, ${language}`)
    }
    await signIn(page, origin, 'handler')
    if (language === 'en') {
      await switchLanguage(page)
      await page.keyboard.press('Escape')
    }
    // Cover through time, as a chart and as a table.
    await page.goto(`${origin}/persons/returned`)
    await page.getByRole('img').first().waitFor()
    await sound('cover')
    await page.locator('main').getByText(say('asTable'), { exact: true }).first().click()
    await page.getByText('2021-01-01').first().waitFor()
    await page.getByRole('button', { name: say('reveal') }).click()
    await page.getByText('示例十二').waitFor()

    // A certificate: a disease that nobody knows is refused beside its field.
    await page.goto(`${origin}/persons/assisted?tab=health`)
    await press('addCertificate')
    await dialog.getByLabel(say('certificateKind')).click()
    await page.keyboard.press('Enter')
    await dialog.getByLabel(say('certificateOf')).fill('头痛')
    await dialog
      .getByLabel(say('coverFrom'), { exact: true })
      .fill(language === 'zh' ? '2025-01-01' : '2026-01-01')
    await dialog.getByLabel(say('lastDay')).fill(language === 'zh' ? '2025-12-31' : '2026-12-31')
    await dialog.getByLabel(say('evidence')).fill('认定表')
    await dialog.getByLabel(say('filedBy')).fill('窗口')
    await confirm('record')
    await dialog.getByText('“头痛”').or(dialog.getByText('"头痛"')).waitFor()
    await dialog.getByLabel(say('certificateOf')).fill('透析')
    await sound('dialog')
    await confirm('record')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByText('认定表').first().waitFor()
    await sound('health')

    // Money that goes back, and more than there is.
    await page.goto(`${origin}/persons/returned?tab=money`)
    await page
      .getByRole('button', { name: new RegExp(`^${say('doSomething')} ${say('premiums')}`) })
      .click()
    await page.getByRole('menuitem', { name: `${say('premiumRefund')}…` }).click()
    await dialog.getByLabel(say('amountYuan')).fill('900')
    await confirm('record')
    await dialog
      .getByText(language === 'zh' ? /超过已收/ : /more than came in/)
      .first()
      .waitFor()
    await dialog.getByLabel(say('amountYuan')).fill('10')
    await confirm('record')
    await dialog.waitFor({ state: 'hidden' })
    await sound('money')

    // Two files side by side, one, and two again.
    await page.goto(`${origin}/persons/newborn?tab=family`)
    await press('mergeFiles')
    await dialog.getByLabel(say('otherFile')).fill('mother')
    await page.keyboard.press('Enter')
    await dialog.getByText(say('factsDiffer')).first().waitFor()
    await sound('comparison')
    await dialog.getByRole('button', { name: word('cancel', language) }).click()
    if (language === 'zh') {
      await page.goto(`${origin}/persons/twice-filed?tab=family`)
      await press('undoMerge')
      await dialog.getByLabel(say('changeReason')).fill('核对后不是同一人')
      await confirm('undoMerge')
      await page.getByText(say('mergeUndoneBy').replace('{user}', 'handler')).waitFor()
    }
    await page.goto(`${origin}/persons/returned?tab=history`)
    await page.getByText(say('didReveal')).first().waitFor()
    await sound('history')
    assert.deepEqual(
      complaints.filter((each) => !each.includes('422')),
      [],
    )
    await close()
  }
})

test('whoever supervises asks the access log who looked at a person, and sees how far it is sealed', {
  skip,
}, async () => {
  for (const [size, language] of [
    [DESK, 'zh'],
    [PHONE, 'en'],
  ] as const) {
    const { page, complaints, close } = await open(size)
    await signIn(page, origin, 'handler')
    await page.goto(`${origin}/persons/elder?tab=history`)
    await page.getByText(WORDS.whoLooked.zh).first().waitFor()
    await page.context().clearCookies()
    await signIn(page, origin, 'admin')
    if (language === 'en') {
      await switchLanguage(page)
      await page.keyboard.press('Escape')
    }
    await page.goto(`${origin}/access-log`)
    await page.getByLabel(WORDS.accessSubject[language]).fill('elder')
    await page.keyboard.press('Enter')
    const looked = page.getByRole('row').filter({ hasText: WORDS.didRead[language] }).first()
    await looked.waitFor()
    assert.match((await looked.textContent()) ?? '', /handler/)
    await page
      .getByRole('button', { name: WORDS.lastDays[language].replace('{days}', '7') })
      .click()
    await page.getByText(WORDS.unusualNone[language]).waitFor()
    assert.match(
      (await page.getByRole('main').textContent()) ?? '',
      language === 'zh' ? /封存至20\d\d-/ : /Sealed to20\d\d-/,
    )
    assert.deepEqual(await accessibilityFaults(page), [])
    assert.equal(await scrollsSideways(page), false, `at ${size.width} px`)
    assert.deepEqual(complaints, [])
    await close()
  }
})
