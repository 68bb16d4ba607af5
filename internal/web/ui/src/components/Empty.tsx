import { valueOf, status } from '../api'
import { loaded, open } from '../state'
import { visible } from '../visible'

/** What to do when there is nothing to see yet. */
export function Empty() {
  // What appmetrics tells of itself is no application's data.
  const known = valueOf(status.value)
  const anything = known?.apps.some((app) => app !== 'appmetrics')
  const unknown = !known && status.value.state === 'failed' // whether there is data elsewhere: either may help
  return (
    <main class="empty" data-testid="empty" tabIndex={-1}>
      <h2>No data available</h2>
      {(anything || unknown) && <Elsewhere sure={!unknown} />}
      {((known && !anything) || unknown) && <Begin />}
    </main>
  )
}

/** There is data, but not for this question; or there may be. */
function Elsewhere({ sure }: { sure: boolean }) {
  const { app, range } = loaded.value
  return (
    <>
      <p>{sure ? 'There is data, but none' : 'There is none'} {app && `of ${visible(app)} `}in the chosen time.</p>
      <div class="header-controls">
        {app && <button type="button" class="button" onClick={() => open({ app: '' })}>Show all apps</button>}
        {!('name' in range && range.name === '90d') && (
          <button type="button" class="button" onClick={() => open({ range: { name: '90d' } })}>Show 90 days</button>
        )}
      </div>
    </>
  )
}

/** Nothing was ever recorded. */
function Begin() {
  return (
    <>
      <p>Two lines put an application under observation.</p>
      <ol>
        <li>
          Start it behind appmetrics, and every request is recorded:
          <pre tabIndex={0}>appmetrics serve --upstream http://127.0.0.1:3000 -- COMMAND</pre>
        </li>
        <li>
          Put the tracker into its pages, and every page view and click is too:
          <pre tabIndex={0}>{`<script defer src="${location.pathname}/tracker.js"></script>`}</pre>
        </li>
      </ol>
      <p>With <code>--inject-tracker</code> the first line does both. Then use the application, and press Refresh.</p>
    </>
  )
}
