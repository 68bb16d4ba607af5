const clickable =
  'a[href],area[href],button,[role=button],[role=link],input[type=button],input[type=submit],input[type=reset],input[type=image]'

// What people type, and what is never shown.
const unread = 'input,textarea,select,datalist,script,style,[contenteditable]:not([contenteditable=false])'

// A form hides its own methods behind fields of their names.
const { closest, getAttribute, matches } = Element.prototype

/** Text as it is stored: one line of at most that many characters. */
export function cut(text: string, most: number): string {
  // By code points, as the server counts them: half an emoji would be refused.
  return [...text.slice(0, 2000).replace(/[\s\0-\x1f\x7f]+/g, ' ').trim()].slice(0, most).join('')
}

/** The innermost button or link that was clicked, in open shadow trees too. */
export function clicked(event: Event): Element | undefined {
  return event.composedPath().find((target): target is Element => target instanceof Element && matches.call(target, clickable))
}

/** How an element is called: data-track-id, else id, else tag.text; never by what somebody typed. */
export function elementId(element: Element): string {
  const attribute = (name: string) => getAttribute.call(element, name)
  const name = attribute('data-track-id') || attribute('id')
  if (name) return cut(name, 100)
  const text = shownText(element) || attribute('aria-label') || attribute('title') || attribute('name')
  const tag = element instanceof HTMLFormElement ? 'form' : element.localName
  return cut(tag + (text ? '.' + text : ''), 100)
}

function shownText(element: Element): string {
  if (closest.call(element, unread)) return ''
  let text = ''
  // Of a link around half a page, only the beginning is walked through.
  const walk = document.createTreeWalker(element, 5 /* elements and text */, (node) =>
    node instanceof Element && matches.call(node, unread) ? 2 /* reject */ : 1,
  )
  while (text.length < 1000 && walk.nextNode()) text += (walk.currentNode as Text).data || ''
  return cut(text, 100)
}
