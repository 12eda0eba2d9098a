/** Style sheets are for the bundler; to the compiler they are nothing. */
declare module '*.css'

/** The language files of antd are modules, though its package does not say so. */
declare module 'antd/es/locale/zh_CN.js' {
  import type { ConfigProviderProps } from 'antd'

  const locale: NonNullable<ConfigProviderProps['locale']>
  export default locale
}
declare module 'antd/es/locale/en_US.js' {
  import type { ConfigProviderProps } from 'antd'

  const locale: NonNullable<ConfigProviderProps['locale']>
  export default locale
}

/** The version of package.json, written in by the build. */
declare const __VERSION__: string
