/** Says on the console, once for each event, what went wrong; never throws. */
export function complain(...what: unknown[]): void {
  try {
    console.error('appmetrics:', ...what)
  } catch {
    // A console that throws is the page's.
  }
}

/** The function, made so that none of its errors reaches the page. */
export function safely<A extends unknown[], R>(f: (...args: A) => R): (...args: A) => R | undefined {
  return (...args) => {
    try {
      return f(...args)
    } catch (error) {
      complain(error)
      return undefined
    }
  }
}
