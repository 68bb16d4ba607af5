import { useLayoutEffect } from 'preact/hooks'

/**
 * Keeps the focus in an element whose content comes and goes: when what has it
 * is taken away, such as a button that is there until it is pressed, the element
 * itself takes it, and who uses the keyboard goes on from there. It needs a tabIndex.
 */
export function useKeptFocus(find: () => HTMLElement | null): void {
  const had = find()?.contains(document.activeElement) // before what is drawn now replaces it
  useLayoutEffect(() => {
    const { activeElement } = document
    if (had && (activeElement === null || activeElement === document.body)) find()?.focus({ preventScroll: true })
  })
}
