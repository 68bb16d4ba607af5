import { retry, usage, type Usage } from '../api'
import { Bars, type Bar, type BarsProps } from './Bars'
import { Panel } from './Panel'
import { Text } from './Text'

/** Usage events by their type. */
export function EventTypes() {
  return (
    <Ranking
      title="Events by type" testid="panel-event-types" kind="events" heading="Event type"
      rows={({ event_distribution }) => ranked(event_distribution)} total={({ metrics }) => metrics.total_events}
    />
  )
}

/** Page views by page. */
export function Pages() {
  return (
    <Ranking
      title="Page views" testid="panel-pages" kind="pages" heading="Page"
      rows={({ page_views }) => ranked(page_views)} total={({ page_views }) => Object.values(page_views).reduce((sum, n) => sum + n, 0)}
    />
  )
}

/** The elements that were clicked and sent, with the page they are on. */
export function Elements() {
  return (
    <Ranking
      title="Clicked elements" testid="panel-elements" kind="elements" heading="Element"
      rows={({ elements }) =>
        elements.map(({ page_name = '', element_id, count: value }) => ({
          key: JSON.stringify([page_name, element_id]),
          label: <><Text of={element_id} /> <span class="muted"><Text of={page_name} /></span></>,
          title: `${element_id} ${page_name}`.trim(),
          value,
        }))}
    />
  )
}

interface RankingProps extends Pick<BarsProps, 'kind'> {
  title: string
  testid: string
  heading: string
  rows: (value: Usage) => Bar[]
  total?: (value: Usage) => number
}

function Ranking({ title, testid, heading, kind, rows, total }: RankingProps) {
  return (
    <Panel
      title={title}
      testid={testid}
      answer={usage.value}
      empty={(value) => rows(value).length === 0}
      table={(value) => [
        [heading, 'Count', ...(total ? ['Share (%)'] : [])],
        ...rows(value).map((row) => [row.title, row.value, ...(total ? [(100 * row.value) / total(value)] : [])]),
      ]}
      onRetry={() => retry(usage)}
    >
      {(value) => <Bars name={title} kind={kind} rows={rows(value)} {...(total ? { total: total(value) } : {})} />}
    </Panel>
  )
}

/** Counts by name as rows, most first. */
export function ranked(counts: Readonly<Record<string, number>>): Bar[] {
  return Object.entries(counts)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name, value]) => ({ key: name, label: <Text of={name || '(no name)'} />, title: name || '(no name)', value }))
}
