// A walk through the pages of the demo in a real Chromium, as a person walks: overview,
// fullest subnet, an address, its history, VPC, CSV. Then each page is judged at two
// widths, light and dark: axe-core without findings, nothing that scrolls sideways, at
// most 20 screens high on a phone, at most 500 kB. node walk.mjs BINARY [DIRECTORY],
// the directory for pictures. The browser reaches loopback alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const [binary, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// freePort returns a port that nobody listens at.
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const daemons = [];
// serve starts a daemon and returns the URL of its pages.
async function serve(...flags) {
  const address = `127.0.0.1:${await freePort()}`;
  daemons.push(spawn(binary, ['serve', ...flags, `--web.listen-address=${address}`, '--web.route-prefix=/below/here'], { stdio: 'ignore' }));
  return `http://${address}/below/here/`;
}

const base = await serve('--demo', '--demo.speed=60');
// A cloud that does not answer.
const directory = mkdtempSync(join(tmpdir(), 'pages-'));
writeFileSync(join(directory, 'config.yml'), `clouds:
- {name: dead, provider: openstack, region: r, auth: {type: password, url: "http://127.0.0.1:9/v3", username: u, user_domain: d, password: p, project: p, project_domain: d}}
`, { mode: 0o600 });
const failing = await serve(`--config.file=${join(directory, 'config.yml')}`);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--no-first-run'],
});

// open makes a page of a width and a scheme; what it asks of others is a fault.
async function open(width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
  await context.route('**/*', (route, request) => {
    assert.equal(new URL(request.url()).hostname, '127.0.0.1', 'the page asks another host');
    return route.continue();
  });
  const page = await context.newPage();
  page.on('pageerror', error => assert.fail(`a fault on the page: ${error}`));
  page.on('console', message => assert.notEqual(message.type(), 'error', message.text()));
  return page;
}

async function ready() {
  for (const end = Date.now() + 60_000; Date.now() < end; await pause(200)) {
    const answer = await fetch(`${base}-/ready`).catch(() => null);
    if (answer?.status === 200) return;
  }
  assert.fail('the daemon is not ready within a minute');
}

// walk returns the pages that it saw, by their names.
async function walk() {
  const page = await open(1440, 'light');
  const seen = { overview: './', targets: 'targets', vpcs: 'vpcs' };
  const note = name => { seen[name] = page.url().slice(base.length); };
  const follow = async (link, heading) => {
    await link.click();
    await page.waitForLoadState();
    assert.match(await page.locator('h1').innerText(), heading);
  };
  await page.goto(base);
  assert.equal(await page.locator('th[aria-sort=descending]').innerText().then(text => text.split(/[▼▲]/)[0].trim()), 'Share used');
  const row = page.locator('#subnets-4 tbody tr', { has: page.locator('td.v a') }).first();
  const name = (await row.locator('th').innerText()).trim();
  await follow(row.locator('th a'), new RegExp(name));
  note('subnet');
  const held = page.locator('#ports tbody tr').last().locator('th a');
  const ip = (await held.innerText()).trim();
  assert.match(await page.locator(`.map a[href="address?ip=${ip}"] title`).textContent(), new RegExp(`^${ip} `));
  await follow(held, new RegExp(`^${ip}$`));
  note('address');
  assert.ok(await page.locator('#history .spans li').count() > 0, 'the address has no history');
  await page.fill('#at', '1s');
  await page.locator('#history form button').click();
  assert.match(await page.locator('#history').innerText(), /At .* UTC: /);
  note('address-at');
  await follow(page.locator('.crumbs a').nth(2), /./);
  note('vpc');
  const csv = await (await fetch(new URL(await page.locator('.title a', { hasText: 'CSV' }).getAttribute('href'), page.url()))).text();
  const lines = csv.trim().split('\n');
  assert.ok(lines[0].startsWith('cloud,project,subnet_id,') && lines.some(line => line.includes(name)), `the CSV lacks ${name}`);
  await page.goto(base);
  await page.locator('#subnets-4 tbody tr', { hasText: /\/22/ }).first().locator('th a').click();
  note('subnet-22');
  await page.goto(`${base}?q=nothing-is-called-so`);
  assert.match(await page.locator('#subnets-4').innerText(), /No subnet fits the filter/);
  note('nothing-fits');
  await page.goto(base);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.context().close();
  return { ...seen, ipv6: '?list=ipv6', 'public-ips': '?list=public-ips', idle: '?list=idle', groups: '?list=address-groups', nobody: 'address?ip=192.0.2.77' };
}

// judge looks at a page at a width and in a scheme.
async function judge(name, path, width, scheme) {
  const page = await open(width, scheme);
  const url = new URL(path, name.startsWith('failing') ? failing : base);
  url.searchParams.set('refresh', 'off'); // it could come while axe-core looks
  const answer = await page.goto(url.href);
  const size = (await answer.body()).length;
  assert.ok(size <= 500_000, `${name}: ${size} bytes`);
  const [height, across] = await page.evaluate(() => [document.documentElement.scrollHeight, document.documentElement.scrollWidth]);
  assert.ok(across <= width, `${name} at ${width}: scrolls sideways to ${across}`);
  assert.ok(width > 400 || height <= 20 * 844, `${name}: ${height / 844} screens on a phone`);
  if (pictures) {
    await page.setViewportSize({ width, height: Math.min(height, 4200) });
    await page.screenshot({ path: `${pictures}/${name}-${width}-${scheme}.png` });
  }
  await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
  // By the debugger: the policy of the pages forbids scripts, also this one.
  const debug = await page.context().newCDPSession(page);
  await debug.send('Page.setBypassCSP', { enabled: true });
  await debug.send('Runtime.evaluate', { expression: axe });
  const { result } = await debug.send('Runtime.evaluate', {
    expression: "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))",
    awaitPromise: true,
  });
  assert.equal(result.value, '[]', `${name} at ${width} ${scheme}: axe-core finds`);
  await page.context().close();
}

try {
  await ready();
  const seen = { ...await walk(), 'failing': './', 'failing-targets': 'targets' };
  await fetch(`${failing}metrics`);
  for (const [name, path] of Object.entries(seen)) {
    for (const [width, scheme] of [[1440, 'light'], [1440, 'dark'], [390, 'light'], [390, 'dark']]) await judge(name, path, width, scheme);
    console.log(`${name}: good (${path})`);
  }
} finally {
  await browser.close();
  for (const daemon of daemons) daemon.kill();
  rmSync(directory, { recursive: true });
}
