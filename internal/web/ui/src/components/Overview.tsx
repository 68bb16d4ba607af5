import { Cards } from './Cards'
import { EndpointsPanel } from './EndpointsPanel'
import { ErrorsPanel } from './ErrorsPanel'
import { ResponseTimes, Traffic, UsageOverTime } from './SeriesPanels'
import { Elements, EventTypes, Pages } from './UsagePanels'

/** Cards and panels of the whole range. */
export function Overview() {
  return (
    <main class="overview" tabIndex={-1}>
      <Cards />
      <div class="row">
        <ResponseTimes />
        <Traffic />
        <UsageOverTime />
      </div>
      <div class="row row-tables">
        <EndpointsPanel />
        <ErrorsPanel />
      </div>
      <div class="row">
        <EventTypes />
        <Pages />
        <Elements />
      </div>
    </main>
  )
}
