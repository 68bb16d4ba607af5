/**
 * Reads the colours of the palette as a canvas needs them: resolved for the
 * theme that is on. The answers are kept until the theme changes.
 */
export class Colours {
  private readonly probe = document.createElement('span')
  private readonly known = new Map<string, string>()

  constructor(place: HTMLElement) {
    this.probe.hidden = true
    place.append(this.probe)
  }

  /** The colour of a variable of theme.css, named without its dashes. */
  get(name: string): string {
    let colour = this.known.get(name)
    if (colour === undefined) {
      this.probe.style.color = `var(--${name})`
      colour = getComputedStyle(this.probe).color
      this.known.set(name, colour)
    }
    return colour
  }

  forget(): void {
    this.known.clear()
  }

  remove(): void {
    this.probe.remove()
  }
}

/** Calls back when the theme changes, by preference or by switch; returns what stops that. */
export function onTheme(changed: () => void): () => void {
  const preference = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(changed)
  preference.addEventListener('change', changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => {
    preference.removeEventListener('change', changed)
    observer.disconnect()
  }
}
