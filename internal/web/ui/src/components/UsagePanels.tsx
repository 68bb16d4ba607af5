import type { ComponentChildren } from 'preact'
import { retry, usage, type Usage } from '../api'
import type { Sheet } from '../csv'
import { loaded, open } from '../state'
import { visible } from '../visible'
import { Bars, type Bar, type BarsProps } from './Bars'
import { Panel } from './Panel'
import { Text } from './Text'

const noName = '(no name)'

/** Usage events by their type. */
export function EventTypes() {
  return (
    <Ranking
      title="Events by type" testid="panel-event-types" kind="events" heading="Event type"
      rows={({ event_distribution }) => ranked(event_distribution)} total={({ metrics }) => metrics.total_events}
    />
  )
}

/** Page views by page. A page that is chosen is the one whose elements are shown; chosen again, all are. */
export function Pages() {
  const { pageFilter } = loaded.value
  return (
    <Ranking
      title="Page views" testid="panel-pages" kind="pages" heading="Page"
      rows={({ page_views }) => ranked(page_views).map((row) => ({ ...row, chosen: row.key === pageFilter }))}
      total={({ page_views }) => Object.values(page_views).reduce((sum, n) => sum + n, 0)}
      onChoose={({ key, chosen }) => open({ pageFilter: chosen ? undefined : key })}
    />
  )
}

/** The elements that were clicked and sent, with the page they are on. */
export function Elements() {
  const { pageFilter } = loaded.value
  return (
    <Ranking
      title={pageFilter === undefined ? 'Clicked elements' : `Clicked on ${visible(pageFilter || noName)}`}
      testid="panel-elements" kind="elements"
      rows={({ elements }) => elementRows(elements, pageFilter)}
      table={({ elements }) => elementSheet(elements, pageFilter)}
      tools={pageFilter !== undefined && (
        <button type="button" class="button button-quiet" onClick={() => open({ pageFilter: undefined })}>All pages</button>
      )}
    />
  )
}

const ofPage = (elements: Usage['elements'], page?: string): Usage['elements'] =>
  elements.filter(({ page_name = '' }) => page === undefined || page_name === page)

/** Everything that is known of the elements of every page, or of one. */
export const elementSheet = (elements: Usage['elements'], page?: string): Sheet => [
  ['Element', 'Page', 'Clicks', 'Users'],
  ...ofPage(elements, page).map(({ element_id, page_name = '', count, unique_users }) => [element_id, page_name, count, unique_users]),
]

/** The elements of every page, or of one, as a ranking. */
export function elementRows(elements: Usage['elements'], page?: string): Bar[] {
  return ofPage(elements, page)
    .map(({ page_name = '', element_id, count: value }) => ({
      key: JSON.stringify([page_name, element_id]),
      label: <><Text of={element_id} /> {page === undefined && <span class="muted"><Text of={page_name} /></span>}</>,
      title: visible(`${element_id} ${page_name}`.trim()),
      value,
    }))
}

interface RankingProps extends Pick<BarsProps, 'kind' | 'onChoose'> {
  title: string
  testid: string
  heading?: string // of what is ranked, where no other table stands behind it
  table?: (value: Usage) => Sheet
  rows: (value: Usage) => Bar[]
  total?: (value: Usage) => number
  tools?: ComponentChildren
}

function Ranking({ title, testid, heading = 'Name', table, rows, total, tools, ...bars }: RankingProps) {
  return (
    <Panel
      title={title}
      testid={testid}
      answer={usage.value}
      empty={(value) => rows(value).length === 0}
      table={table ?? ((value) => [
        [heading, 'Count', ...(total ? ['Share (%)'] : [])],
        ...rows(value).map((row) => [row.title, row.value, ...(total ? [(100 * row.value) / total(value)] : [])]),
      ])}
      onRetry={() => retry(usage)}
      tools={tools}
    >
      {(value) => <Bars {...bars} name={title} rows={rows(value)} {...(total ? { total: total(value) } : {})} />}
    </Panel>
  )
}

/** Counts by name as rows, most first. */
export function ranked(counts: Readonly<Record<string, number>>): Bar[] {
  return Object.entries(counts)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name, value]) => ({ key: name, label: <Text of={name || noName} />, title: visible(name || noName), value }))
}
