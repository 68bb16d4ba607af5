import { render as draw, type ComponentChild } from 'preact'
import { act } from 'preact/test-utils'

/** Draws into the document's only root, and returns it. */
export function render(node: ComponentChild): HTMLElement {
  document.body.replaceChildren()
  const root = document.body.appendChild(document.createElement('div'))
  act(() => draw(node, root))
  return root
}

/** The button whose text, or name, is this. */
export function button(root: HTMLElement, name: string): HTMLButtonElement {
  const found = [...root.querySelectorAll('button')].find((one) => one.textContent === name || one.ariaLabel === name)
  if (!found) throw new Error(`there is no button ${name}`)
  return found
}

export function press(root: HTMLElement, name: string): void {
  act(() => button(root, name).click())
}

/** Puts a value into the field with this label, as typing does. */
export function type(root: HTMLElement, label: string, value: string): void {
  const found = [...root.querySelectorAll('label')].find((one) => one.textContent?.trim() === label)?.querySelector('input')
  if (!found) throw new Error(`there is no field ${label}`)
  act(() => {
    found.value = value
    found.dispatchEvent(new Event('input', { bubbles: true }))
  })
}
