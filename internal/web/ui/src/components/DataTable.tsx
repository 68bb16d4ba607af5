import type { ComponentChildren } from 'preact'

export interface Column<R> {
  key: string
  label: string
  value: (row: R) => string | number | null // what is sorted, filtered and written to a file
  text?: (row: R) => ComponentChildren // what is shown, when that differs
  numeric?: boolean
}

export interface Sort {
  column: string
  descending: boolean
}

export interface DataTableProps<R> {
  name: string // of the file, and of the table for those who hear it
  columns: readonly Column<R>[]
  rows: readonly R[]
  id: (row: R) => string
  sort: Sort
  onSort: (sort: Sort) => void
  filter: string
  onFilter: (filter: string) => void
  onOpen?: (row: R) => void
}

export function DataTable<R>(props: DataTableProps<R>) {
  return <table aria-label={props.name} />
}
