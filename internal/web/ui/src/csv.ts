/** One row of cells for each line; the first line holds the headings. */
export type Sheet = readonly (readonly (string | number)[])[]

export const toCSV = (sheet: Sheet): string => sheet.map((row) => row.join(',')).join('\r\n')
export const toTSV = (sheet: Sheet): string => sheet.map((row) => row.join('\t')).join('\n')
