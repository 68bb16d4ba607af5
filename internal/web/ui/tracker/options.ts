/** What the script tag asks for. */
export interface Options {
  /** Whether page views, clicks and form submissions are recorded by themselves. */
  views: boolean
  clicks: boolean
  forms: boolean
  /** Whether the visitor's Global Privacy Control forbids to record anything. */
  isForbidden: boolean
  /** Whether nothing is recorded by itself on the page with this path. */
  excludes(path: string): boolean
  /** The API that events are posted to, without a slash at its end. */
  endpoint: string
}

/** The script's tag. Of several in a page, as where a proxy put in one more, it is the one with options. */
export function findTag(): HTMLScriptElement | null {
  const tag = (document.currentScript || document.querySelector('script[src*="tracker.js"]')) as HTMLScriptElement | null
  const isSame = ({ src, dataset }: HTMLScriptElement) => src.startsWith(tag!.src) && Object.keys(dataset).length
  return (tag?.src && [...document.scripts].find(isSame)) || tag
}

/** Reads the data-* attributes of the script tag. Throws when data-endpoint is no address. */
export function readOptions(tag: HTMLScriptElement | null): Options {
  const value = (name: string) => tag && tag.getAttribute('data-' + name)
  const isOn = (name: string, otherwise: boolean) => {
    const given = value(name)
    return given === null ? otherwise : given !== 'false'
  }
  const auto = isOn('auto', true)
  const excluded = (value('exclude') || '').split(',').map((path) => path.trim())
  const endpoint = value('endpoint')
  return {
    views: auto,
    clicks: isOn('clicks', auto),
    forms: isOn('forms', auto),
    isForbidden: isOn('respect-gpc', false) && !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl,
    // As in the server's own list of exclusions, a path that ends with / covers all under it.
    excludes: (path) => excluded.some((e) => e === path || (/[/*]$/.test(e) && path.startsWith(e.replace(/\*$/, '')))),
    endpoint: new URL(endpoint || '/api/v1/metrics', (!endpoint && tag?.src) || document.baseURI).href.replace(/\/+$/, ''),
  }
}
