import { batch, computed, signal } from '@preact/signals'
import { fromQuery, toQuery } from './address'
import { arrangeTable, change, defaults, type Arrangement, type Changes, type View } from './view'

export { change }
export type { Changes, Range, RangeName, View, Zone } from './view'

/** What the panels show. */
export const loaded = signal<View>(defaults)

/** What the header's controls say; apply makes it the loaded view. */
export const draft = signal<View>(defaults)

/** What is asked of the server for a view: two views that are alike in it show the same answers. */
export const questionOf = ({ app, range, compare, anonymous }: View): string =>
  JSON.stringify([app, range, compare, anonymous])

/** The question of the loaded view. */
export const question = computed(() => questionOf(loaded.value))

/** True while the header's controls say something else than the panels show. */
export const pending = computed(() => questionOf(draft.value) !== question.value)

/** Changes what the header's controls say, and nothing that is shown. */
export function choose(changes: Changes): void {
  draft.value = change(draft.value, changes)
}

/** Shows what the header's controls say. */
export function apply(): void {
  show(draft.value, draft.value)
}

/** Changes what is shown, at once; what the header's controls say besides stays as it is. */
export function open(changes: Changes): void {
  // Text that is typed must not fill the history with its every letter.
  const typed = Object.keys(changes).every((key) => key === 'filter')
  show(change(loaded.value, changes), change(draft.value, changes), typed)
}

/** Sorts or filters a table other than that of the endpoints, at once. */
export function arrangeAs(name: string, changes: Arrangement): void {
  const changed = (view: View): View => change(view, arrangeTable(view, name, { ...view.tables?.[name], ...changes }))
  show(changed(loaded.value), changed(draft.value), changes.sort === undefined)
}

/** How a table is arranged by the view, or else at first: the props by which a DataTable is sorted and filtered. */
export function arrangementOf(name: string, first: View['sort']) {
  const { sort = first, filter = '' } = loaded.value.tables?.[name] ?? {}
  return {
    sort,
    filter,
    onSort: (sort: View['sort']) => arrangeAs(name, { sort }),
    onFilter: (filter: string) => arrangeAs(name, { filter }),
  }
}

function show(next: View, nextDraft: View, replace = false): void {
  const query = toQuery(next)
  if (query !== toQuery(loaded.value)) {
    const address = location.pathname + query
    if (replace) history.replaceState(null, '', address)
    else history.pushState(null, '', address)
  }
  batch(() => {
    loaded.value = next
    draft.value = nextDraft
  })
}

/** Shows what the address bar says, now and whenever Back or Forward changes it. */
export function followAddress(): void {
  const read = () => {
    const view = fromQuery(location.search)
    batch(() => {
      loaded.value = view
      draft.value = view
    })
  }
  addEventListener('popstate', read)
  read()
}
