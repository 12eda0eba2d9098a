import type { ThemeConfig } from 'antd'

/** Ink on paper, one deep teal for what can be pressed. Every text colour stands 4.5:1 or better. */
export const THEME: ThemeConfig = {
  token: {
    colorPrimary: '#0f5f6b',
    colorLink: '#0b5a72',
    colorSuccess: '#2f7d46',
    colorWarning: '#9a5b00',
    colorError: '#b3261e',
    colorInfo: '#17466a',
    colorSuccessBg: '#eaf4ed',
    colorSuccessBorder: '#8fbd9d',
    colorWarningBg: '#fdf5e2',
    colorWarningBorder: '#d9b65a',
    colorErrorBg: '#fbeeec',
    colorErrorBorder: '#dca09a',
    colorInfoBg: '#eaf2f8',
    colorInfoBorder: '#9dbdd4',
    colorTextBase: '#1b2a2f',
    colorTextSecondary: '#4b5c62',
    colorTextTertiary: '#56676d',
    colorTextPlaceholder: '#66767c',
    colorBorder: '#8a989c',
    colorBorderSecondary: '#dde3e2',
    colorBgLayout: '#f6f7f5',
    borderRadius: 6,
    fontFamily: "'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', system-ui, sans-serif",
    fontFamilyCode: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace, 'Noto Sans SC'",
    controlHeight: 36,
  },
  components: {
    Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    Tag: { defaultBg: '#eef1f0' },
  },
}
