/** One endpoint, over everything else; shown when the view names one. */
export function EndpointView(_: { method: string; endpoint: string }) {
  return <section data-testid="endpoint-view" />
}
