/** Hands text to the viewer as a file. */
export function download(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser reads it after this task, and no event says when it is done.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** A file name of a title: `Errors by type` is errors-by-type. */
export const slug = (title: string): string =>
  title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'table'

/** Puts text into the clipboard; false when the browser refuses. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Without TLS there is no navigator.clipboard, and inside a frame it is refused.
    return copyByEvent(text)
  }
}

function copyByEvent(text: string): boolean {
  let put = false
  const onCopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    put = event.clipboardData !== null
  }
  document.addEventListener('copy', onCopy)
  try {
    return document.execCommand('copy') && put
  } catch {
    return false
  } finally {
    document.removeEventListener('copy', onCopy)
  }
}
