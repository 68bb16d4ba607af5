import { expect, type Page } from '@playwright/test'
import { openAlone } from './alone'
import { flush, posted, tag, test, watchPosts } from './observed'

const hide = (page: Page) =>
  page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  })

/**
 * Lets nothing happen twice in one millisecond, for tests of an order: within a
 * millisecond none is kept.
 */
const spread = (page: Page) =>
  page.addInitScript(() => {
    const now = Date.now.bind(Date)
    let last = 0
    const next = () => {
      let at = now()
      while (at <= last) at = now()
      return (last = at)
    }
    window.Date = class extends Date {
      constructor(...given: [] | [string | number | Date]) {
        super(given[0] ?? next())
      }
    } as DateConstructor
  })

const isTracked = (line: string) => line.startsWith('console: appmetrics:')

test.describe('what is recorded', () => {
  test('views, clicks, forms and what the page says, by names that the page chose', async ({ page, observed }) => {
    await spread(page)
    observed.site.show(
      '/orders',
      `${tag()}<button data-track-id="add-order" id="b1">Add</button><a id="help" href="#help">Help</a>
       <button>Save <b>all</b></button><div role="button">Open</div><button><svg></svg><i>x</i></button><p>not me</p>
       <form id="search" onsubmit="return false"><input name="q"><input type="submit" value="Go"></form>`,
    )
    await page.goto('/orders?secret=1#part')
    for (const text of ['Add', 'Help', 'all', 'Open', 'not me']) await page.getByText(text, { exact: true }).click()
    await page.getByText('Go').click()
    await page.evaluate(() =>
      window.appmetrics!.track('query_executed', { element_id: 'q', success: false, metadata: { rows: 3 } }),
    )
    await flush(page)
    const events = await observed.events()
    expect(events.map((e) => [e.event_type, e.page_name, e.element_id ?? null, e.success])).toEqual([
      ['page_view', '/orders', null, true],
      ['button_click', '/orders', 'add-order', true],
      ['button_click', '/orders', 'help', true],
      ['button_click', '/orders', 'button.Save all', true],
      ['button_click', '/orders', 'div.Open', true],
      ['button_click', '/orders', 'input', true],
      ['form_submit', '/orders', 'search', true],
      ['query_executed', '/orders', 'q', false],
    ])
    expect(events.at(-1)?.metadata).toEqual({ rows: 3 })
  })

  test('nothing that somebody typed', async ({ page, observed }) => {
    observed.site.show(
      '/login',
      `${tag()}<form onsubmit="return false"><label>Name <input name="user" value="ada-secret"></label>
       <input type="password" value="hunter2-secret"><textarea>draft-secret</textarea><select><option>choice-secret</option></select>
       <div contenteditable="true">note-secret <a href="#">link-secret</a></div><input type="submit" value="Go-secret">
       <button>Send<span contenteditable="true">inner-secret</span></button></form>`,
    )
    await page.goto('/login')
    const posts = watchPosts(page)
    await page.locator('input[type=password]').fill('typed-secret')
    await page.getByRole('button', { name: 'Send' }).click({ position: { x: 5, y: 5 } })
    await page.locator('input[type=submit]').click()
    await page.locator('a').dispatchEvent('click')
    await flush(page)
    const sent = posts.map((p) => p.postData()).join()
    expect(sent).toContain('button.Send')
    expect(sent).toContain('form.Name Send')
    expect(sent).not.toContain('secret')
  })

  test('a button in an open shadow tree, and one whose clicks stop there', async ({ page, observed }) => {
    observed.site.show(
      '/shadow',
      `${tag()}<div id="host"></div><button id="quiet">Quiet</button><script>
       document.getElementById('host').attachShadow({mode: 'open'}).innerHTML = '<button id="inner">Inner</button>'
       document.getElementById('quiet').onclick = (e) => e.stopImmediatePropagation()</script>`,
    )
    await page.goto('/shadow')
    await page.getByText('Inner').click()
    await page.getByText('Quiet').click()
    await flush(page)
    expect((await observed.events()).map((e) => e.element_id)).toEqual([undefined, 'inner', 'quiet'])
  })

  test('the last of a burst of input', async ({ page, observed }) => {
    observed.site.show('/settings', `${tag()}<input id="volume" type="range" data-track-input>`)
    await page.goto('/settings')
    await page.locator('#volume').focus()
    for (let i = 0; i < 10; i++) await page.keyboard.press('ArrowRight')
    await page.evaluate(() => {
      for (let i = 0; i < 50; i++) window.appmetrics!.track('query_executed', { debounce: true, metadata: { i } })
    })
    await flush(page)
    const events = await observed.events()
    expect(events.map((e) => e.event_type)).toEqual(['page_view', 'preference_changed', 'query_executed'])
    expect(events.at(-1)?.metadata).toEqual({ i: 49 })
  })

  test('elements of hostile names, cut to 100 characters', async ({ page, observed, complaints }) => {
    observed.site.show('/hostile', tag())
    await page.goto('/hostile')
    const names = [
      '<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', "'); DROP TABLE usage_events; --", '\u202Egnp.exe', '=cmd()',
      '{"events":[', '\\u0000\\', 'a'.repeat(5000), '😀'.repeat(300), 'x'.repeat(92) + '😀😀😀', '\ud800 half', 'é'.repeat(101), '\u0007bell\u001b[31m',
      '株式会社', 'مرحبا', ' \t\n ', '%00%n%s', '__proto__',
    ]
    await page.evaluate((names) => {
      for (const name of names) {
        for (const attribute of ['', 'id', 'data-track-id']) {
          const button = document.body.appendChild(document.createElement('button'))
          if (attribute) button.setAttribute(attribute, name)
          else button.textContent = name
          button.click()
        }
      }
      // A form whose fields hide its own properties.
      const form = document.body.appendChild(document.createElement('form'))
      for (const name of ['id', 'getAttribute', 'matches', 'closest', 'localName', 'tagName', 'textContent']) {
        form.appendChild(document.createElement('input')).name = name
      }
      form.addEventListener('submit', (e) => e.preventDefault())
      HTMLFormElement.prototype.requestSubmit.call(form)
      form.querySelector('input')!.click()
      // What only looks like it.
      for (const type of ['click', 'submit', 'input']) for (const target of [window, document]) target.dispatchEvent(new Event(type, { bubbles: true }))
    }, names)
    await flush(page)
    const events = await observed.events()
    expect(events).toHaveLength(2 + 3 * names.length)
    // Many happen in one millisecond, so in no order.
    const elements = events.map((e) => e.element_id)
    for (const id of elements) expect([...(id ?? '')].length).toBeLessThanOrEqual(100)
    expect(elements).toContain('form')
    expect(elements).toContain('button.<img src=x onerror=alert(1)>')
    expect(elements).toContain('😀'.repeat(100))
    expect(complaints.list).toEqual([])
  })

  test('once, when the page carries the tag twice', async ({ page, observed }) => {
    observed.site.show('/twice', `${tag()}${tag()}<button>Buy</button><p id="appmetrics"></p>`)
    const posts = watchPosts(page)
    await page.goto('/twice')
    await page.getByText('Buy').click()
    await hide(page) // so that a second one, too, would send what it holds
    await flush(page)
    expect(posts.flatMap(posted)).toHaveLength(2)
    expect(await observed.count()).toBe(2)
  })

  test('what the attributes of the tag leave', async ({ page, observed }) => {
    await spread(page)
    const body = '<button>Buy</button><form onsubmit="return false"><input type="submit"></form>'
    const cases: [string, string, string[]][] = [
      ['/a', 'data-auto="false"', []],
      ['/b', 'data-clicks="false"', ['page_view', 'form_submit']],
      ['/c', 'data-forms="false"', ['page_view', 'button_click', 'button_click']],
      ['/d', 'data-auto="false" data-clicks', ['button_click', 'button_click']],
      ['/e', 'data-exclude="/x, /e"', []],
      ['/f/1', 'data-exclude="/f/"', []],
      ['/g1', 'data-exclude="/g*"', []],
      ['/h', 'data-exclude="/H,/h/"', ['page_view', 'button_click', 'button_click', 'form_submit']],
    ]
    for (const [path, attributes] of cases) {
      observed.site.show(path, tag(attributes) + body)
      await page.goto(path)
      await page.getByText('Buy').click()
      await page.locator('input').click()
      await flush(page)
    }
    const events = await observed.events()
    for (const [path, , want] of cases) {
      expect(events.filter((e) => e.page_name === path).map((e) => e.event_type), path).toEqual(want)
    }
  })

  test('nothing under Global Privacy Control, where it is respected', async ({ page, observed }) => {
    await page.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }))
    observed.site.show('/asked', tag('data-respect-gpc') + '<button>Buy</button>')
    observed.site.show('/not', tag())
    const posts = watchPosts(page)
    await page.goto('/asked')
    await page.getByText('Buy').click()
    await page.evaluate(() => window.appmetrics!.track('query_executed'))
    await flush(page)
    expect(posts).toHaveLength(0)
    await page.goto('/not')
    await flush(page)
    expect((await observed.events()).map((e) => e.page_name)).toEqual(['/not'])
  })
})

test.describe('page views', () => {
  for (const way of ['Navigation API', 'history']) {
    test(`of a single-page app are counted by path (${way})`, async ({ page, observed }) => {
      await spread(page)
      if (way === 'history') await page.addInitScript(() => Object.defineProperty(window, 'navigation', { value: undefined }))
      observed.site.show('/app', tag())
      await page.goto('/app')
      await page.evaluate(() => {
        history.pushState({}, '', '/app/orders')
        history.pushState({}, '', '/app/orders?page=2') // the same page
        history.replaceState({}, '', '/app/orders#top')
        history.replaceState({}, '', '/app/orders/17')
        history.pushState({}, '', '/app')
      })
      await page.goBack()
      await expect(page).toHaveURL(/17$/)
      await flush(page)
      expect((await observed.events()).map((e) => e.page_name)).toEqual(['/app', '/app/orders', '/app/orders/{id}', '/app', '/app/orders/{id}'])
    })
  }

  test('out of the back/forward cache count again', async ({ playwright, observed }) => {
    const { launchOptions } = test.info().project.use
    const browser = await playwright.chromium.launch({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    try {
      const page = await browser.newPage({ baseURL: observed.url })
      observed.site.show('/one', `${tag()}<button>Buy</button><script>addEventListener('pageshow', (e) => { window.restored = e.persisted })</script>`)
      observed.site.show('/two', tag())
      await page.goto('/one')
      await page.getByText('Buy').click()
      await page.goto('/two')
      await page.goBack({ waitUntil: 'commit' })
      await page.waitForFunction(() => (window as { restored?: boolean }).restored)
      await page.getByText('Buy').click()
      await flush(page)
    } finally {
      await browser.close()
    }
    const seen = (await observed.events()).map((e) => `${e.event_type} ${e.page_name}`)
    expect(seen.sort()).toEqual(['button_click /one', 'button_click /one', 'page_view /one', 'page_view /one', 'page_view /two'])
  })

  test('of a page that was prepared count when it is seen', async ({ observed }) => {
    const { site, url } = observed
    site.show(
      '/start',
      `${tag()}<a href="/prepared">Next</a>
       <script type="speculationrules">{"prerender":[{"urls":["/prepared","/never"],"eagerness":"immediate"}]}</script>
       <script>
         const next = async () => {
           await appmetrics.flush()
           if ((await fetch('/go')).ok) document.querySelector('a').click()
           else setTimeout(next, 50)
         }
         next()
       </script>`,
    )
    for (const path of ['/prepared', '/never']) {
      site.show(
        path,
        `${tag()}<script>
          appmetrics.track('query_executed')
          appmetrics.flush()
          if (document.prerendering) setTimeout(() => fetch('/was' + location.pathname), 100)
          document.addEventListener('prerenderingchange', () => setTimeout(() => appmetrics.flush()))
        </script>`,
      )
    }
    const browser = await openAlone(`${url}/start`, test.info().project.use.launchOptions!)
    const seen = async () => (await observed.events()).map((e) => `${e.event_type} ${e.page_name}`).sort()
    try {
      await expect.poll(() => ['/prepared', '/never', '/was/prepared', '/was/never'].filter((path) => !site.asked(path)), 'not asked for').toEqual([])
      await expect.poll(seen).toEqual(['page_view /start'])
      site.show('/go', '')
      await expect.poll(seen).toEqual(['button_click /start', 'page_view /prepared', 'page_view /start', 'query_executed /prepared'])
    } finally {
      await browser.close()
    }
  })
})

/** When the page called fetch, in milliseconds of its own clock. */
interface Fetched {
  fetched: number[]
}

test.describe('sending', () => {
  for (const first of ['the twentieth event', 'the timer']) {
    test(`sends no event twice when both fire together, ${first} first`, async ({ page, observed }) => {
      await page.clock.install({ time: Date.now() - 600_000 })
      observed.site.show('/both', tag('data-auto="false"'))
      await page.goto('/both')
      await page.clock.pauseAt(Date.now() - 300_000)
      const posts = watchPosts(page)
      await page.evaluate((first) => {
        const track = () => window.appmetrics!.track('query_executed')
        if (first !== 'the timer') setTimeout(track, 10_000)
        for (let i = 0; i < 19; i++) track()
        if (first === 'the timer') setTimeout(track, 10_000)
      }, first)
      await page.clock.runFor(9999)
      expect(posts).toHaveLength(0)
      await page.clock.runFor(1)
      await expect.poll(() => posts.length).toBe(1)
      await posts[0]!.response()
      expect(posted(posts[0]!)).toHaveLength(first === 'the timer' ? 19 : 20)
      await page.clock.runFor(20_000)
      await flush(page)
      const ids = posts.flatMap((p) => posted(p).map((e) => e.id))
      expect(new Set(ids).size).toBe(20)
      expect(ids).toHaveLength(20)
      expect(posts).toHaveLength(first === 'the timer' ? 2 : 1)
      expect(await observed.count()).toBe(20)
    })
  }

  for (const way of ['closing the tab', 'following a link', 'reloading']) {
    test(`${way} loses none of 19 queued events`, async ({ page, context, observed }) => {
      observed.site.show('/leave', tag('data-auto="false"') + '<a href="/next">Next</a>')
      observed.site.show('/next', 'Next page')
      await page.goto('/leave')
      const keep = await context.newPage() // a browser without a page would end
      await page.bringToFront()
      await page.evaluate(() => {
        for (let i = 0; i < 19; i++) window.appmetrics!.track('query_executed')
      })
      expect(await observed.count()).toBe(0)
      if (way === 'closing the tab') await page.close()
      else if (way === 'reloading') await page.reload()
      else await page.getByText('Next').click()
      await expect.poll(() => observed.count()).toBe(19)
      await keep.close()
    })
  }

  test('tries three times and gives up with one error', async ({ page, context, observed, complaints }) => {
    complaints.allow(/^answer [45]/)
    // Measured by the page itself: this process may hear of a request late.
    await page.addInitScript(() => {
      const { fetch } = window
      const fetched: number[] = []
      Object.assign(window, {
        fetched,
        fetch: (...args: Parameters<typeof fetch>) => {
          fetched.push(performance.now())
          return fetch(...args)
        },
      })
    })
    observed.site.show('/offline', tag('data-auto="false"'))
    await page.goto('/offline')
    const posts = watchPosts(page)
    await context.setOffline(true)
    await page.evaluate(() => {
      for (let i = 0; i < 20; i++) window.appmetrics!.track('query_executed')
    })
    await expect.poll(() => complaints.list.filter(isTracked)).toEqual([
      'console: appmetrics: events dropped: 20 (TypeError: Failed to fetch)',
    ])
    expect(posts).toHaveLength(3)
    expect(new Set(posts.map((p) => p.postData())).size).toBe(1)
    const times = await page.evaluate(() => (window as unknown as Fetched).fetched)
    expect(times).toHaveLength(3)
    expect(times[1]! - times[0]!).toBeGreaterThan(900)
    expect(times[2]! - times[1]!).toBeGreaterThan(1900)
    complaints.allow(/events dropped/)
    await context.setOffline(false)
    await page.evaluate(() => window.appmetrics!.track('query_executed'))
    await flush(page)
    expect(await observed.count()).toBe(1)
  })

  test('stores once what it sends again because the answer was lost', async ({ page, observed, complaints }) => {
    complaints.allow(/^answer [45]/)
    observed.site.show('/again', tag())
    let n = 0
    await page.route('**/usage-events', async (route) => {
      if (n++ < 2) {
        await route.fetch() // it is stored
        await route.abort()
      } else await route.continue()
    })
    await page.goto('/again')
    await flush(page)
    expect(n).toBe(3)
    expect(await observed.count()).toBe(1)
  })

  test('loses none of the others when the server refuses one', async ({ page, observed, complaints }) => {
    complaints.allow(/^answer [45]/)
    observed.site.show('/refused', tag())
    await page.goto('/refused')
    await page.evaluate(() => {
      window.appmetrics!.track('not_configured')
      window.appmetrics!.track('query_executed')
    })
    await flush(page)
    expect(complaints.list).toEqual([expect.stringContaining('appmetrics: event refused: sample 1: event_type: "not_configured" is not allowed')])
    complaints.allow(/event refused/)
    expect((await observed.events()).map((e) => e.event_type)).toEqual(['page_view', 'query_executed'])
  })

  for (const status of [401, 403]) {
    test(`is silent on a page that is refused with ${status}, after one error`, async ({ page, observed, complaints }) => {
      await page.clock.install()
      complaints.allow(new RegExp(`^answer ${status}`))
      observed.site.show('/refused', `${tag()}<button>Buy</button>`)
      const asked: string[] = []
      await page.route('**/api/v1/metrics/**', (route) => {
        asked.push(route.request().url())
        return route.fulfill({ status, body: '{}', headers: { date: new Date().toUTCString() } })
      })
      await page.goto('/refused')
      await flush(page)
      for (let i = 0; i < 30; i++) await page.getByText('Buy').dispatchEvent('click')
      await page.clock.runFor(180_000)
      await flush(page)
      await hide(page)
      expect(asked).toEqual([expect.stringMatching(/usage-events$/)])
      expect(complaints.list).toEqual([`console: appmetrics: events dropped: all of this page (${status})`])
      complaints.allow(/events dropped/)
    })
  }

  test('waits as long as a busy server asks', async ({ page, observed, complaints }) => {
    await page.clock.install()
    complaints.allow(/^answer 429/)
    observed.site.show('/busy', tag())
    let isBusy = true
    await page.route('**/usage-events', (route) => (isBusy ? route.fulfill({ status: 429, headers: { 'retry-after': '5' } }) : route.continue()))
    const posts = watchPosts(page)
    await page.goto('/busy')
    const answered = page.waitForResponse('**/usage-events')
    const done = flush(page)
    await (await answered).finished()
    isBusy = false
    await page.clock.runFor(4000)
    expect(posts).toHaveLength(1)
    await page.clock.runFor(2000)
    await done
    expect(posts).toHaveLength(2)
    expect(await observed.count()).toBe(1)
  })

  test('keeps what is in flight below the 64 KiB that browsers allow', async ({ page, observed }) => {
    observed.site.show('/large', tag('data-auto="false"'))
    await page.goto('/large')
    const posts = watchPosts(page)
    await page.evaluate(async () => {
      for (let i = 0; i < 500; i++) window.appmetrics!.track('query_executed', { metadata: { text: 'é'.repeat(500) } })
      await window.appmetrics!.flush()
    })
    for (const post of posts) expect(post.postDataBuffer()!.length).toBeLessThan(64 * 1024)
    expect(posts.length).toBeGreaterThan(8)
    expect(await observed.count()).toBe(500)
  })

  test('leaves with as much as the browser takes', async ({ page, observed }) => {
    observed.site.show('/away', tag('data-auto="false"'))
    observed.site.show('/next', 'Next page')
    await page.goto('/away')
    await page.evaluate(() => {
      addEventListener('pagehide', () => {
        for (let i = 0; i < 200; i++) window.appmetrics!.track('query_executed', { element_id: 'late' })
      }, true)
      for (let i = 0; i < 19; i++) window.appmetrics!.track('query_executed')
    })
    await page.goto('/next')
    await expect.poll(() => observed.count()).toBe(219)
  })

  test('takes another way where a beacon is refused', async ({ page, observed }) => {
    observed.site.show('/refusing', tag('data-auto="false"'))
    observed.site.show('/next', 'Next page')
    await page.goto('/refusing')
    await page.evaluate(() => {
      navigator.sendBeacon = () => false
      for (let i = 0; i < 19; i++) window.appmetrics!.track('query_executed')
    })
    await page.goto('/next')
    await expect.poll(() => observed.count()).toBe(19)
  })

  test('sends when the page is hidden', async ({ page, context, observed }) => {
    observed.site.show('/hidden', tag())
    await page.goto('/hidden')
    const posts = watchPosts(page)
    await hide(page)
    await expect.poll(() => observed.count()).toBe(1)
    expect(posts).toHaveLength(1)
    await context.close()
  })

  test('loses none of 10,000 clicks', async ({ page, observed }) => {
    test.slow()
    observed.site.show('/clicks', tag('data-auto="false" data-clicks') + '<button id="buy">Buy</button>')
    await page.goto('/clicks')
    const posts = watchPosts(page)
    const began = Date.now()
    await page.evaluate(async () => {
      const button = document.getElementById('buy')!
      for (let i = 0; i < 10_000; i++) {
        button.click()
        // No more than the tracker may hold: a person is slower, by far.
        if (i % 400 === 399) await window.appmetrics!.flush()
      }
      await window.appmetrics!.flush()
    })
    test.info().annotations.push({ type: '10,000 clicks', description: `${Date.now() - began} ms, ${posts.length} posts` })
    expect(await observed.count()).toBe(10_000)
    const ids = posts.flatMap((p) => posted(p).map((e) => e.id))
    expect(ids).toHaveLength(10_000)
    expect(new Set(ids).size).toBe(10_000)
  })
})

test.describe('its own count', () => {
  for (const isLost of [false, true]) {
    test(isLost ? 'warns of what was not stored' : 'is silent when all is stored', async ({ page, observed }) => {
      await page.clock.install()
      const warnings: string[] = []
      page.on('console', (m) => m.type() === 'warning' && warnings.push(m.text()))
      observed.site.show('/counted', tag())
      if (isLost) await page.route('**/usage-events', (route) => route.fulfill({ status: 202, body: '{}', headers: { date: new Date().toUTCString() } }))
      await page.goto('/counted')
      await flush(page)
      const counted = page.waitForResponse('**/usage/count?*')
      await page.clock.runFor(60_000)
      const answer = await counted
      expect(await answer.json()).toMatchObject({ count: isLost ? 0 : 1 })
      if (isLost) await expect.poll(() => warnings).toEqual(['appmetrics: 1 of 1 events were not stored'])
      else expect(warnings).toEqual([])
    })
  }
})

test.describe('a clock that is wrong', () => {
  for (const [name, days] of [['behind', -100], ['a little behind', -1], ['ahead', 3]] as const) {
    test(`by days, ${name}, loses nothing, raises no alarm and asks nothing`, async ({ page, observed }) => {
      await page.clock.install({ time: Date.now() + days * 86_400_000 })
      const warnings: string[] = []
      page.on('console', (m) => m.type() === 'warning' && warnings.push(m.text()))
      const questions: string[] = []
      page.on('request', (request) => request.url().includes('/usage/count') && questions.push(request.url()))
      observed.site.show('/clock', tag())
      await page.goto('/clock')
      await flush(page)
      const [event] = await observed.events('7d')
      const age = (Date.now() - Date.parse(event!.timestamp)) / 86_400_000
      expect(Math.round(age)).toBe(days === -1 ? 1 : 0) // what lies out of reach gets the time of receipt
      await page.clock.runFor(180_000)
      await flush(page)
      expect(questions).toEqual([])
      expect(warnings).toEqual([])
    })
  }
})

test.describe('on pages of another origin', () => {
  for (const trusted of [true, false]) {
    test.describe(() => {
      test.use({ trusted })
      test(trusted ? 'events are taken from an origin that is configured' : 'events are refused from one that is not', async ({ page, observed, complaints }) => {
        const { site, url } = observed
        site.show('/shop', tag('', url))
        site.show('/next', 'Next page')
        const posts = watchPosts(page)
        complaints.allow(/asks another origin/)
        await page.goto(`${site.url}/shop`)
        if (!trusted) complaints.allow(/CORS policy/, /^answer 403/, /events dropped/)
        await flush(page)
        expect(posts).toHaveLength(trusted ? 1 : 3)
        expect(posts[0]!.headers()['content-type']).toBe('text/plain;charset=UTF-8')
        await page.evaluate(() => window.appmetrics!.track('query_executed'))
        await page.goto(`${site.url}/next`) // by beacon
        if (trusted) await expect.poll(() => observed.count()).toBe(2)
        else expect(await observed.count()).toBe(0)
      })
    })
  }
})

test.describe('on a page of an origin that is configured', () => {
  test.use({ trusted: true })
  test('it counts what is stored, by the time of the server', async ({ page, observed, complaints }) => {
    const { site, url } = observed
    await page.clock.install()
    complaints.allow(/asks another origin/)
    site.show('/shop', tag('', url))
    await page.goto(`${site.url}/shop`)
    await flush(page)
    const counted = page.waitForResponse('**/usage/count?*')
    await page.clock.runFor(60_000)
    expect(await (await counted).json()).toMatchObject({ count: 1 })
  })
})

test.describe('put into the page', () => {
  test.use({ injected: true })
  const button = '<button>Buy</button>'

  test('it records as if the page carried it', async ({ page, observed }) => {
    observed.site.show('/plain', button)
    await page.goto('/plain')
    await page.getByText('Buy').click()
    await flush(page)
    expect((await observed.events()).map((e) => e.event_type)).toEqual(['page_view', 'button_click'])
  })

  for (const [name, own] of Object.entries({
    'before it': tag('data-clicks="false"') + button,
    'behind it': button + tag('data-clicks="false"'),
    'behind it and deferred': button + tag('data-clicks="false" defer'),
    'behind it and async': button + tag('data-clicks="false" async'),
    'behind it, in another version': button + tag('data-clicks="false" defer').replace('.js', '.js?v=2'),
  })) {
    test(`it gives way to the options of the page's own tag, ${name}`, async ({ page, observed }) => {
      observed.site.show('/own', own)
      const posts = watchPosts(page)
      await page.goto('/own')
      await page.getByText('Buy').click()
      await hide(page)
      await flush(page)
      expect(posts.flatMap(posted).map((e) => e.event_type)).toEqual(['page_view'])
    })
  }
})

test.describe('in the way of nothing', () => {
  test('of a page whose tag is wrong', async ({ page, observed, complaints }) => {
    observed.site.show('/wrong', tag('data-endpoint="http://["') + '<button>Buy</button>')
    await page.goto('/wrong')
    await page.getByText('Buy').click()
    await page.evaluate(() => window.appmetrics!.track('query_executed'))
    await flush(page)
    expect(complaints.list).toEqual([expect.stringContaining('console: appmetrics: TypeError')])
    complaints.allow(/appmetrics: TypeError/)
    expect(await observed.count()).toBe(0)
  })

  test('of a page that has a frame of its name', async ({ page, observed, complaints }) => {
    observed.site.show('/frame', '')
    observed.site.show('/framed', `<iframe name="appmetrics" src="${observed.site.url}/frame"></iframe><script>
      onload = () => document.body.append(Object.assign(document.createElement('script'), { src: '/metrics/tracker.js', onload() { window.isLoaded = true } }))</script>`)
    complaints.allow(/asks another origin/, /appmetrics: SecurityError/)
    await page.goto('/framed')
    await page.waitForFunction(() => (window as { isLoaded?: boolean }).isLoaded)
  })

  test('of a page with a strict content security policy', async ({ page, observed }) => {
    observed.site.show('/strict', `${tag()}<button>Buy</button>`, {
      'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'",
    })
    await page.goto('/strict')
    await page.getByText('Buy').click()
    await flush(page)
    expect(await observed.count()).toBe(2)
  })

  test('of a page that makes the browser its own', async ({ page, observed }) => {
    await page.addInitScript(() => Object.defineProperty(crypto, 'randomUUID', { value: undefined }))
    observed.site.show('/own', `${tag()}<button>Buy</button><script>
      window.fetch = () => { throw new Error('mine') }; XMLHttpRequest.prototype.send = window.fetch
      history.pushState = function () { return History.prototype.pushState.apply(this, arguments) }
      Array.prototype.toJSON = () => 'broken'; Object.prototype.extra = 1</script>`)
    await page.goto('/own')
    await page.getByText('Buy').click()
    await page.evaluate(() => history.pushState({}, '', '/own/2'))
    await flush(page)
    const events = await observed.events()
    expect(events.map((e) => e.page_name)).toEqual(['/own', '/own', '/own/{id}'])
    for (const e of events) expect(e.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('of a page that calls it wrongly', async ({ page, observed, complaints }) => {
    observed.site.show('/wrong', tag('data-auto="false"'))
    await page.goto('/wrong')
    await page.evaluate(() => {
      const { track } = window.appmetrics as unknown as { track: (...args: unknown[]) => void }
      const loop: Record<string, unknown> = {}
      loop['loop'] = loop
      for (const args of [['query_executed', { metadata: loop }], ['query_executed', { metadata: { n: 1n } }], ['query_executed', null],
        ['query_executed', { metadata: { text: 'x'.repeat(70_000) } }]]) track(...args)
      track('query_executed', { element_id: 17, page_name: 'p'.repeat(999), other: 1 })
    })
    expect(complaints.list.filter(isTracked).length).toBe(4)
    complaints.allow(/appmetrics:/)
    await flush(page)
    const events = await observed.events()
    expect(events.map((e) => [e.element_id, e.page_name?.length])).toEqual([['17', 255]])
  })

  test('of a page whose metrics are away', async ({ page, observed, complaints }) => {
    complaints.allow(/events dropped/, /asks another origin/, /CORS policy/)
    observed.site.show('/away', `${tag('data-endpoint="http://127.0.0.1:9/api/v1/metrics"')}<a href="/next">Next</a>`)
    observed.site.show('/next', 'Next page')
    await page.goto('/away')
    await page.getByText('Next').click()
    await expect(page).toHaveURL(/next$/)
    expect(await observed.count()).toBe(0)
  })
})
