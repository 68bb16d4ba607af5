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
export function findTag(): HTMLScriptElement {
  const address = (tag: HTMLScriptElement) => tag.src.split('?')[0]
  const current = document.currentScript as HTMLScriptElement
  const hasOptions = (tag: HTMLScriptElement) => address(tag) === address(current) && Object.keys(tag.dataset).length > 0
  return [...document.scripts].find(hasOptions) || current
}

const isOn = (option: string) => option !== 'false'

/** Reads the data-* attributes of the script tag. Throws when data-endpoint is no address. */
export function readOptions(tag: HTMLScriptElement): Options {
  const { auto = '', clicks = auto, forms = auto, exclude = '', respectGpc = 'false', endpoint } = tag.dataset
  const excluded = exclude.split(',').map((path) => path.trim())
  return {
    views: isOn(auto),
    clicks: isOn(clicks),
    forms: isOn(forms),
    isForbidden: isOn(respectGpc) && !!(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl,
    // As in the server's own list of exclusions, a path that ends with / covers all under it.
    excludes: (path) => excluded.some((e) => e === path || (/[/*]$/.test(e) && path.startsWith(e.replace(/\*$/, '')))),
    endpoint: new URL(endpoint || '/api/v1/metrics', endpoint ? document.baseURI : tag.src).href.replace(/\/+$/, ''),
  }
}
