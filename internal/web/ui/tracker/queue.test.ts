import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createQueue, type Item } from './queue'

interface Post {
  ids: number[]
  keepalive: boolean
  answer(status: number, body?: unknown, headers?: Record<string, string>): Promise<void>
  fail(): Promise<void>
}

const item = (n: number, bytes = 100): Item => ({ json: `{"n":${n}}`, bytes, at: n })
const ids = (body: string) => (JSON.parse(body) as { events: { n: number }[] }).events.map((e) => e.n)

let posts: Post[]
let beacons: number[][]
let errors: string[]
let settled: number[]
let dates: (string | null)[]

function start() {
  return createQueue('/usage-events', (items, date) => {
    settled.push(...items.map((i) => i.at))
    if (date !== undefined) dates.push(date)
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  posts = []
  beacons = []
  errors = []
  settled = []
  dates = []
  vi.spyOn(console, 'error').mockImplementation((...what) => void errors.push(what.join(' ')))
  window.fetch = ((_: string, init: RequestInit) =>
    new Promise((resolve, reject) => {
      const pass = () => vi.advanceTimersByTimeAsync(0).then(() => {})
      init.signal?.addEventListener('abort', () => reject(new Error('aborted')))
      posts.push({
        ids: ids(init.body as string),
        keepalive: !!init.keepalive,
        answer: (status, body = {}, headers = {}) => (
          resolve({ status, headers: new Headers(headers), text: () => Promise.resolve(JSON.stringify(body)) } as Response), pass()
        ),
        fail: () => (reject(new TypeError('offline')), pass()),
      })
    })) as typeof fetch
  navigator.sendBeacon = (_, body) => !!beacons.push(ids(body as string))
  AbortSignal.timeout = (milliseconds) => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), milliseconds)
    return abort.signal
  }
  Object.defineProperty(Request.prototype, 'keepalive', { value: false, configurable: true })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const count = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i)

describe('a queue', () => {
  it('sends twenty at once, and fewer after 10 s', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    expect(posts.map((p) => p.ids)).toEqual([count(20)])
    await posts[0]!.answer(202)
    queue.add(item(20))
    await vi.advanceTimersByTimeAsync(9999)
    expect(posts).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(posts[1]!.ids).toEqual([20])
    await posts[1]!.answer(202)
    expect(settled).toEqual(count(21))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(2)
  })

  it('has one post under way, and sends what came meanwhile as one', async () => {
    const queue = start()
    count(90).forEach((n) => queue.add(item(n)))
    expect(posts).toHaveLength(1)
    await posts[0]!.answer(202)
    expect(posts[1]!.ids).toEqual(count(70, 20))
  })

  it('tries again after 1 s and 2 s, then drops with one error', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    await posts[0]!.fail()
    await vi.advanceTimersByTimeAsync(999)
    expect(posts).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await posts[1]!.answer(503)
    await vi.advanceTimersByTimeAsync(1999)
    expect(posts).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(errors).toEqual([])
    await posts[2]!.answer(503)
    expect(posts.map((p) => p.ids)).toEqual([count(20), count(20), count(20)])
    expect(errors).toEqual(['appmetrics: events dropped: 20 (503)'])
    expect(settled).toEqual(count(20)) // what was given up is missed by the count
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(3)
  })

  it('sends again without keepalive, whose room may be the trouble, and so once more by beacon', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    await posts[0]!.fail()
    await vi.advanceTimersByTimeAsync(1000)
    expect(posts.map((p) => p.keepalive)).toEqual([true, false])
    queue.leave()
    expect(beacons).toEqual([count(20)])
    await posts[1]!.fail()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(2)
  })

  it.each([200, 400, 404, 413])('drops at once what is answered with %i, and goes on', async (status) => {
    const queue = start()
    queue.add(item(1))
    const done = vi.fn()
    void queue.flush().then(done)
    await posts[0]!.answer(status, 'not ours') // such as a login page
    expect(errors).toEqual([`appmetrics: events dropped: 1 (${status})`])
    expect(done).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(1)
    queue.add(item(2))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(posts[1]!.ids).toEqual([2])
  })

  it.each([401, 403])('says once that it is refused with %i, and is silent from then on', async (status) => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    await posts[0]!.fail() // this one is tried again
    count(20).forEach((n) => queue.add(item(20 + n)))
    queue.add(item(40))
    const done = vi.fn()
    void queue.flush().then(done) // and this one is under way besides
    expect(posts).toHaveLength(4)
    await posts[2]!.answer(status)
    await posts[1]!.answer(status)
    await posts[3]!.fail()
    expect(errors).toEqual([`appmetrics: events dropped: all of this page (${status})`])
    expect(done).toHaveBeenCalledOnce()
    count(600).forEach((n) => queue.add(item(n)))
    await queue.flush()
    queue.leave()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([posts.length, beacons.length, errors.length]).toEqual([4, 0, 1])
    expect(dates.at(-1)).toBe(null)
  })

  it.each([408, 429, 503])('waits as long as an answer %i asks', async (status) => {
    const queue = start()
    queue.add(item(1))
    void queue.flush()
    await posts[0]!.answer(status, {}, { 'retry-after': '7' })
    await vi.advanceTimersByTimeAsync(6999)
    expect(posts).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    await posts[1]!.answer(status, {}, { 'retry-after': 'Sun, 01 Mar 2026 12:00:00 GMT' }) // a date is no number
    await vi.advanceTimersByTimeAsync(2000)
    expect(posts).toHaveLength(3)
    await posts[2]!.answer(202)
    expect(errors).toEqual([])
  })

  it('does not wait for longer than 30 s', async () => {
    const queue = start()
    queue.add(item(1))
    void queue.flush()
    await posts[0]!.answer(429, {}, { 'retry-after': '31' })
    expect(errors).toEqual(['appmetrics: events dropped: 1 (429)'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(1)
  })

  it('tells the time of the server that stored, and that it is away', async () => {
    const queue = start()
    queue.add(item(1))
    void queue.flush()
    await posts[0]!.answer(202, {}, { date: 'Sun, 01 Mar 2026 12:00:00 GMT' })
    queue.add(item(2))
    void queue.flush()
    await posts[1]!.answer(404)
    expect(dates).toEqual(['Sun, 01 Mar 2026 12:00:00 GMT', null])
  })

  it('gives up on an answer after 30 s', async () => {
    const queue = start()
    queue.add(item(1))
    void queue.flush()
    await vi.advanceTimersByTimeAsync(31_000)
    expect(posts).toHaveLength(2)
  })

  it('leaves out what the server refuses, and sends the rest at once', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    await posts[0]!.answer(400, { message: 'sample 3: no', details: { index: 3 } })
    expect(posts[1]!.ids).toEqual(count(20).filter((n) => n !== 3))
    expect(errors).toEqual(['appmetrics: event refused: sample 3: no'])
    await posts[1]!.answer(202)
    expect(settled).toHaveLength(20)
  })

  it('holds 500 events, and says once that it drops', () => {
    const queue = start()
    count(510).forEach((n) => queue.add(item(n)))
    expect(errors).toEqual(['appmetrics: 500 events wait; more are dropped'])
    expect(settled).toEqual(count(10, 500))
  })

  it('has no more than 60,000 bytes in flight', async () => {
    const queue = start()
    count(500).forEach((n) => queue.add(item(n, 1000)))
    const done = vi.fn()
    void queue.flush().then(done)
    expect(posts.map((p) => p.ids.length)).toEqual([20, 40])
    for (let i = 0; i < posts.length; i++) await posts[i]!.answer(202)
    expect(posts.flatMap((p) => p.ids)).toEqual(count(500))
    expect(posts.every((p) => p.keepalive && p.ids.length <= 60)).toBe(true)
    expect(done).toHaveBeenCalledOnce()
  })

  it('flushes what waits for its next attempt, too', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    await posts[0]!.fail()
    queue.add(item(20))
    const done = vi.fn()
    void queue.flush().then(done)
    expect(posts.slice(1).map((p) => p.ids)).toEqual([count(20), [20]])
    await posts[1]!.answer(202)
    expect(done).not.toHaveBeenCalled()
    await posts[2]!.answer(202)
    expect(done).toHaveBeenCalledOnce()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(3)
  })

  it('resolves a flush of nothing, and one that fails', async () => {
    const queue = start()
    await queue.flush()
    queue.add(item(1))
    const done = vi.fn()
    void queue.flush().then(done)
    for (const pause of [1000, 2000, 0]) {
      await posts.at(-1)!.fail()
      await vi.advanceTimersByTimeAsync(pause)
    }
    expect(done).toHaveBeenCalledOnce()
  })
})

describe('a queue that is left', () => {
  it('hands over what is not on its way, once', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    count(5).forEach((n) => queue.add(item(20 + n)))
    queue.leave()
    queue.leave()
    expect(beacons).toEqual([count(5, 20)])
    await posts[0]!.answer(202)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(1)
    expect(settled).toHaveLength(25)
  })

  it('hands over what waits for its next attempt', async () => {
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    await posts[0]!.fail()
    queue.leave()
    expect(beacons).toEqual([count(20)])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(1)
  })

  it('splits what is much, and keeps what no beacon takes', async () => {
    const queue = start()
    count(19).forEach((n) => queue.add(item(n, 4000)))
    navigator.sendBeacon = (_, body) => beacons.length < 4 && !!beacons.push(ids(body as string))
    queue.leave()
    expect(beacons.map((b) => b.length)).toEqual([3, 3, 3, 3])
    expect(posts[0]!.ids).toEqual(count(7, 12))
    await posts[0]!.answer(202)
    expect(settled.sort((a, b) => a - b)).toEqual(count(19))
  })

  it('posts where beacons throw', () => {
    const queue = start()
    queue.add(item(1))
    navigator.sendBeacon = () => {
      throw new Error('blocked')
    }
    queue.leave()
    expect(posts.map((p) => p.ids)).toEqual([[1]])
  })

  it('sends again by beacon what may die with the page', async () => {
    Reflect.deleteProperty(Request.prototype, 'keepalive')
    const queue = start()
    count(20).forEach((n) => queue.add(item(n)))
    queue.leave()
    expect(beacons).toEqual([count(20)])
    await posts[0]!.fail()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(posts).toHaveLength(1)
    expect(settled).toHaveLength(20)
  })
})

describe('a page that is only prepared', () => {
  it('sends nothing before it is seen', async () => {
    const prepared = document as { prerendering?: boolean }
    prepared.prerendering = true
    const queue = start()
    count(25).forEach((n) => queue.add(item(n)))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(posts).toHaveLength(0)
    delete prepared.prerendering
    await vi.advanceTimersByTimeAsync(10_000)
    expect(posts[0]!.ids).toEqual(count(25))
  })
})
