/** A canvas for a document that draws nothing: everything can be called, and text is as wide as its letters. */
export function withCanvas(): void {
  const calls: Record<string, unknown> = { measureText: (text: string) => ({ width: 6 * text.length }) }
  const context = new Proxy(calls, {
    get: (known, name: string) => known[name] ?? (() => {}),
    set: () => true,
  })
  HTMLCanvasElement.prototype.getContext = (() => context) as unknown as HTMLCanvasElement['getContext']
  globalThis.Path2D ??= new Proxy(class {} as unknown as typeof Path2D, {
    construct: () => new Proxy({}, { get: () => () => {} }),
  })
}
