import { signal } from '@preact/signals'

type Theme = 'light' | 'dark'

const key = 'appmetrics.theme'
const preference = matchMedia('(prefers-color-scheme: dark)')
const chosen = signal<Theme | undefined>(undefined)
const preferred = signal<Theme>('light')

/** The colours in use. */
export const theme = (): Theme => chosen.value ?? preferred.value

/** Takes over what was chosen on an earlier visit, and follows the preference of the system. */
export function followTheme(): void {
  const read = () => (preferred.value = preference.matches ? 'dark' : 'light')
  preference.addEventListener('change', read)
  read()
  const kept = storage((store) => store.getItem(key))
  if (kept === 'light' || kept === 'dark') choose(kept)
}

export function switchTheme(): void {
  const next = theme() === 'dark' ? 'light' : 'dark'
  choose(next)
  storage((store) => store.setItem(key, next))
}

function choose(next: Theme): void {
  chosen.value = next
  document.documentElement.dataset.theme = next
}

/** A frame may have no storage: then the choice lasts as long as the page. */
function storage<R>(use: (store: Storage) => R): R | undefined {
  try {
    return use(localStorage)
  } catch {
    return undefined
  }
}
