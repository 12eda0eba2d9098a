import { Button } from 'antd'
import { useLanguage } from '#web/parts/language.tsx'

/** Named in the language it leads to. */
export function LanguageSwitch() {
  const { lang, choose } = useLanguage()
  const other = lang === 'zh' ? 'en' : 'zh'
  return (
    <Button type="text" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => choose(other)}>
      {other === 'zh' ? '中文' : 'English'}
    </Button>
  )
}
