/** Calls view for the page that is shown, and for each that follows it: by pathname, as in single-page apps, and out of the back/forward cache. */
export function watchViews(view: () => void): void {
  let shown: string | undefined
  const look = () => {
    if (shown !== location.pathname) {
      shown = location.pathname
      view()
    }
  }
  const { navigation } = window as { navigation?: EventTarget }
  if (navigation) navigation.addEventListener('currententrychange', look)
  else {
    for (const name of ['pushState', 'replaceState'] as const) {
      const original = history[name]
      history[name] = function (this: History, ...args) {
        original.apply(this, args)
        look()
      }
    }
  }
  addEventListener('popstate', look)
  addEventListener('pageshow', (event) => {
    if (event.persisted) shown = undefined
    look()
  })
  look()
}
