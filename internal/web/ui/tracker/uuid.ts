/** A random UUID, version 4 (RFC 9562, section 5.4). Over plain http there is no crypto.randomUUID. */
export function uuid(): string {
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) => {
    // A 0 or 1 becomes any digit, the 8 one of 8, 9, a and b: RFC 9562's variant.
    const random = crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+digit / 4))
    return (+digit ^ random).toString(16)
  })
}
