// make dashboard-test: opens every page of the built site in a headless Chromium, and holds what it
// shows against SQL that psql runs as the login of the dashboard. Ends with what it compared.
//
//   node test.mjs SITE SCREENSHOTS     with PGHOST, PGUSER, ... set
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';

const [site, shots] = process.argv.slice(2);
fs.mkdirSync(shots, { recursive: true });

const faults = [];
const fault = (text) => {
	faults.push(text);
	if (faults.length <= 20) console.log(`NOT OK  ${text}`);
};
let compared = 0;
// What a page shows against what SQL says. The page has some seconds to get there.
const same = async (what, look, wanted) => {
	compared += 1;
	const rows = (side) => (Array.isArray(side) ? side : [side]).map((row) => JSON.stringify(row) ?? 'nothing');
	const b = rows(wanted);
	const until = Date.now() + (faults.length < 3 ? 15000 : 1000);
	for (;;) {
		const a = rows(await look());
		const differs = Math.max(a.length, b.length) > 0 ? [...(a.length > b.length ? a : b).keys()].find((n) => a[n] !== b[n]) : undefined;
		if (differs === undefined) return;
		if (Date.now() > until) {
			fault(`${what}: the page has ${a.length} rows, SQL ${b.length}; row ${differs + 1} is ${a[differs] ?? 'missing'} there, ${b[differs] ?? 'missing'} here`);
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
};

// Rows of a query, as the reader sees them. "C" sorts as Evidence does.
const sql = (query) =>
	JSON.parse(
		execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', `SELECT coalesce(json_agg(q), '[]') FROM (${query}) q`], {
			encoding: 'utf8',
			maxBuffer: 1 << 28
		})
	);

// A web server for files, with the ranges that DuckDB asks for.
const types = {
	'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
	'.svg': 'image/svg+xml', '.png': 'image/png', '.wasm': 'application/wasm', '.woff2': 'font/woff2'
};
const server = http.createServer((request, response) => {
	let file = path.join(site, decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
	if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) file = path.join(file, 'index.html');
	const size = fs.statSync(file, { throwIfNoEntry: false })?.size;
	if (size === undefined) return response.writeHead(404).end();
	const head = { 'Content-Type': types[path.extname(file)] ?? 'application/octet-stream', 'Accept-Ranges': 'bytes' };
	const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
	const start = range ? Number(range[1]) : 0;
	const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
	if (range) head['Content-Range'] = `bytes ${start}-${end}/${size}`;
	response.writeHead(range ? 206 : 200, { ...head, 'Content-Length': end - start + 1 });
	if (request.method === 'HEAD' || size === 0) return response.end();
	return fs.createReadStream(file, { start, end }).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: 'America/New_York' });
const page = await context.newPage();

const where = () => new URL(page.url()).pathname;
let requests = 0;
const answered = new Set();
const waiting = new Set();
for (const end of ['requestfinished', 'requestfailed']) context.on(end, (request) => waiting.delete(request));
context.on('request', (request) => {
	requests += 1;
	waiting.add(request);
	if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${base}/`)) fault(`${where()}: asks ${request.url().slice(0, 200)}`);
});
context.on('response', (response) => {
	if (response.status() < 400) answered.add(response.url());
	else fault(`${where()}: ${response.status()} for ${response.url()}`);
});
context.on('requestfailed', (request) => {
	// The reader of Arrow files closes them when it has the last row, which may be before their end.
	if (request.url().endsWith('.arrow') && answered.has(request.url())) return;
	fault(`${where()}: ${request.failure()?.errorText} for ${request.url()}`);
});
context.on('console', (message) => {
	if (message.type() === 'error') fault(`${where()}: console: ${message.text().slice(0, 300)}`);
});
context.on('weberror', (error) => fault(`${where()}: ${error.error().message}`));

const squeeze = (text) => text.replace(/\s+/g, ' ').trim();
const nothing = (text) => text ?? '';

// What every page must hold, wherever it is.
const pages = new Set();
const check_page = async () => {
	pages.add(where());
	const { text, pictures } = await page.evaluate(async () => {
		const images = [...document.querySelectorAll('article img')];
		await Promise.all(images.map((image) => image.decode().catch(() => {})));
		return { text: document.body.innerText, pictures: images.filter((image) => !image.naturalWidth).map((image) => image.src.slice(0, 60)) };
	});
	const bad = /.{0,40}(\[object Object\]|\bNaN\b|\bundefined\b|\bnull\b|\bInvalid Date\b|Error in).{0,40}/.exec(text);
	if (bad) fault(`${where()}: shows ${bad[0]}`);
	if (pictures.length) fault(`${where()}: pictures that cannot be drawn: ${pictures.join(' ')}`);
};
// A page is there when it is drawn by its own scripts, and DuckDB has seen the last of its files.
const last_file = Object.values(JSON.parse(fs.readFileSync(path.join(site, 'data/manifest.json'), 'utf8')).renderedFiles).flat().at(-1).split('/').at(-1);
// To leave it before its last request is answered would look like a failure; so would links that the mouse is over,
// which are fetched beforehand.
const load = async (address) => {
	await page.mouse.move(0, 0);
	for (let quiet = 0, n = 0; quiet < 3 && n < 100; n += 1) {
		quiet = waiting.size ? 0 : quiet + 1;
		await page.waitForTimeout(100);
	}
	const files = page.waitForEvent('requestfinished', { predicate: (request) => request.url().endsWith(last_file), timeout: 60000 });
	await page.goto(base + address);
	await page.waitForSelector('#__evidence_project_splash', { state: 'detached' });
	await files;
	await page.waitForLoadState('networkidle');
};
const open = async (address) => {
	await load(address);
	await check_page();
};
// Follows a link as the site itself does, without loading it anew.
const follow = async (address, heading) => {
	await page.evaluate((href) => {
		const link = Object.assign(document.createElement('a'), { href });
		document.body.append(link);
		link.click();
		link.remove();
	}, address);
	await page.waitForFunction(([h, a]) => location.pathname === a && document.querySelector('article h1')?.innerText.trim() === h, [heading, address], {
		timeout: 60000
	});
	await check_page();
};
// The rows of all tables that a selector finds and that can be seen (Evidence keeps hidden ones for its full screen), cell by cell.
const tables = (selector) =>
	page.$$eval(selector, (all) =>
		all
			.filter((table) => table.checkVisibility())
			.map((table) =>
				[...table.rows].filter((row) => !row.querySelector('th')).map((row) => [...row.cells].map((cell) => cell.innerText.replace(/\s+/g, ' ').trim()))
			)
	);
const table_under = (heading) => tables(`xpath=//article//h2[normalize-space()='${heading}']/following::table`).then((all) => all[0] ?? []);
const shot = async (name) => {
	for (const width of [1280, 390]) {
		await page.setViewportSize({ width, height: 900 });
		await page.waitForTimeout(1000); // charts move in
		await page.screenshot({ path: path.join(shots, `${name}-${width}.png`), fullPage: true });
		const wide = await page.evaluate(() => document.documentElement.scrollWidth);
		if (wide > width) fault(`${where()}: ${wide} pixels wide on a screen of ${width}`);
	}
	await page.setViewportSize({ width: 1280, height: 900 });
};

try {
	const subjects = sql(`SELECT subject_key, subject_name FROM kra_bi.dim_subject ORDER BY subject_path COLLATE "C"`);
	const kpis = sql('SELECT kpi_key, kpi_name FROM kra_bi.dim_kpi');
	const results = sql(`
		SELECT subject_key, subject_kind, kpi_key, kpi_name, period_label, is_latest, actual_text, target_text, attainment_text, change_text, status, context, bullet_uri
		FROM kra_bi.kpi_results WHERE period_grain = 'year'
		ORDER BY subject_key, period_start DESC, weight_value DESC, kpi_name COLLATE "C" DESC`);
	const cards = sql(`
		SELECT subject_key, period_label, score_text, status, imbalance_reason
		FROM kra_bi.scorecards WHERE period_grain = 'year' ORDER BY subject_key, period_start DESC`);
	const areas = sql(`
		SELECT subject_key, period_label, kra_name, score_text, status
		FROM kra_bi.kra_results WHERE period_grain = 'year' ORDER BY subject_key, period_start DESC, weight_value DESC, kra_name COLLATE "C"`);
	const busy = sql(`
		SELECT subject_key, subject_name, imbalance_reason FROM kra_bi.imbalances
		WHERE is_busy_not_moving AND subject_kind = 'vendor' AND period_grain = 'year' AND is_latest
		ORDER BY gap_value DESC, subject_key COLLATE "C"`);
	const findings = sql(`
		SELECT severity, subject_key, message FROM kra_bi.findings WHERE NOT is_waived
		ORDER BY severity_code DESC, rule_id COLLATE "C", row_key COLLATE "C"`);
	const word = (status) => status.replace('_', ' ');

	// The company: its figures, and the same to two decimals as everybody knows them.
	await open('/');
	await shot('company');
	await same('heading of the company page', () => page.innerText('article h1').then(squeeze), 'England');
	const england = results.filter((row) => row.subject_key === 'england');
	const figures = () => tables('table.kra').then((all) => all[0]);
	await same(
		'figures of England',
		() => figures().then((rows) => rows.map((row) => row.join('|')).sort()),
		england
			.map((row) => [row.kpi_name, row.period_label, row.actual_text, row.target_text, row.attainment_text, row.change_text, word(row.status)].map(nothing).join('|'))
			.sort()
	);
	await same(
		'England by financial year',
		() => figures().then((rows) => rows.filter((row) => row[0] === '% within 4 hours').map((row) => [row[1], row[2]])),
		[['2018/19', '88.01%'], ['2017/18', '88.34%'], ['2016/17', '89.13%']]
	);
	for (let n = 0; n * 10 < busy.length; n += 1) {
		await same(
			`who is busy and not moving, page ${n + 1}`,
			async () => {
				const input = page.locator('.page-input:visible').first();
				await input.fill(String(n + 1));
				await input.press('Enter');
				return (await table_under('Busy, and not moving')).map((row) => [row[0], row[4]]);
			},
			busy.slice(n * 10, n * 10 + 10).map((row) => [row.subject_name, row.imbalance_reason])
		);
	}
	await same('pages of who is busy', () => page.locator('.page-count.ml-1:visible').first().innerText(), String(Math.ceil(busy.length / 10)));
	if (findings.length) {
		await same(
			'first findings',
			() => table_under('Findings').then((rows) => rows.map((row) => [row[0], row[2]])),
			findings.slice(0, 10).map((row) => [row.severity, squeeze(row.message)])
		);
	}

	// KPIs: who stands where, and the limits of a subject that is chosen in the page.
	await open('/kpis/');
	await shot('kpis');
	await same('list of KPIs', () => tables('article table').then((all) => all[0].map((row) => row[0]).sort()), kpis.map((row) => row.kpi_name).sort());
	for (const kpi of kpis) {
		await open(`/kpis/${kpi.kpi_key}/`);
		await shot(`kpi-${kpi.kpi_key}`);
		const wanted = sql(`
			SELECT subject_name, status FROM kra_bi.kpi_results
			WHERE kpi_key = '${kpi.kpi_key}' AND subject_kind = 'vendor' AND period_grain = 'year' AND is_latest
			ORDER BY attainment_pct NULLS LAST, subject_name COLLATE "C" LIMIT 15`);
		await same(
			`who stands where: ${kpi.kpi_key}`,
			() => table_under('Who stands where').then((rows) => rows.map((row) => [row[0], row[5]])),
			wanted.map((row) => [row.subject_name, row.status])
		);
		const [chosen] = sql(`
			SELECT subject_name, context FROM kra_bi.kpi_results
			WHERE kpi_key = '${kpi.kpi_key}' AND subject_key = '${busy[0].subject_key}' AND period_grain = 'month' AND is_latest`);
		if (chosen) {
			await page.locator('button[role=combobox]').click();
			await page.getByPlaceholder('Subject').fill(chosen.subject_name);
			await page.getByRole('option', { name: chosen.subject_name, exact: true }).click();
			await same(`limits of ${chosen.subject_name}: ${kpi.kpi_key}`, () => page.innerText('article').then((text) => squeeze(text).includes(chosen.context)), true);
		}
	}

	// Subjects: some are loaded from their address, all are opened by their links.
	await open('/subjects/');
	await shot('subjects');
	await same('list of subjects', () => tables('article table').then((all) => all[0].map((row) => row[0])), subjects.slice(0, 25).map((row) => row.subject_name));
	const check_subject = async ({ subject_key, subject_name }) => {
		const of = (rows) => rows.filter((row) => row.subject_key === subject_key);
		const table = (n) => tables('table.kra').then((all) => all[n] ?? []);
		await same(
			`${subject_name}: scores`,
			() => table(0),
			of(cards).map((row) => [row.period_label, row.score_text, word(row.status), squeeze(nothing(row.imbalance_reason))])
		);
		await same(
			`${subject_name}: areas`,
			() => table(1),
			of(areas).map((row) => [row.period_label, row.kra_name, row.score_text, word(row.status)])
		);
		await same(
			`${subject_name}: KPIs`,
			() => table(2).then((rows) => rows.map((row) => row.slice(0, 6))),
			of(results).map((row) => [row.period_label, row.kpi_name, row.actual_text, row.target_text, row.attainment_text, word(row.status)].map(nothing))
		);
		await same(`${subject_name}: pictures`, () => page.locator('img.bullet').count(), of(results).filter((row) => row.bullet_uri).length);
		await same(
			`${subject_name}: in words`,
			() => page.$$eval('article ul li', (items) => items.map((item) => item.innerText.trim())),
			of(results)
				.filter((row, _, all) => row.period_label === all[0].period_label)
				.map((row) => `${row.kpi_name}, ${row.period_label}: ${row.context}`)
		);
	};
	const first = ['england', busy[0].subject_key];
	for (const subject of subjects.filter((row, n) => n % 35 === 0 || first.includes(row.subject_key))) {
		await open(`/subjects/${subject.subject_key}/`);
		if (first.includes(subject.subject_key)) await shot(`subject-${subject.subject_key}`);
		await check_subject(subject);
	}
	for (const subject of subjects) {
		if (pages.has(`/subjects/${subject.subject_key}/`)) continue;
		await follow(`/subjects/${subject.subject_key}/`, subject.subject_name);
		await check_subject(subject);
	}

	// The site has no more pages of ours than were opened.
	const built = fs.readdirSync(site, { recursive: true }).filter((file) => /(^|\/)index\.html$/.test(file)).map((file) => `/${file.slice(0, -10)}`);
	await same('pages of the site', () => built.filter((file) => !/^\/(explore|settings)\//.test(file)).sort(), [...pages].sort());
} catch (error) {
	fault(`${where()}: ${error.stack}`);
} finally {
	await browser.close();
	server.close();
	server.closeAllConnections();
}

console.log(`${pages.size} pages opened, ${compared} comparisons with SQL, ${requests} requests, all of them to the site itself${faults.length ? ', unless said above' : ''}`);
console.log(`screenshots are in ${shots}`);
console.log(faults.length ? `${faults.length} faults` : 'the dashboard is as it should be');
process.exitCode = faults.length ? 1 : 0;
