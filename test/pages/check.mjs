// Checks of the pages that run.sh wrote: node check.mjs DIRECTORY
//
//   pages          are valid HTML5, hold no script, ask for nothing, run nothing, are not too large,
//                  have ids once, a text for every picture, headings in order, and links that lead somewhere
//   hostile names  show as the text that they are
//   some pages     have no serious or critical issue under axe-core, and do not scroll sideways, at
//                  1280 and 390 px, light and dark, and printed; keyboard focus is visible
//
// At the end a page with a fault put into it must fail: else the checks see nothing.
import { createRequire } from 'node:module';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const directory = resolve(process.argv[2]);
const require = createRequire(join(resolve(process.env.KRA_NODE ?? '.'), 'package.json'));
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const rules = JSON.parse(readFileSync(new URL('htmlvalidate.json', import.meta.url), 'utf8'));
const names = JSON.parse(readFileSync(join(directory, 'names.json'), 'utf8'));
const limits = { 'dashboard.html': 2e6 };
const limitOfReports = 300e3;
const both = new Set(['dashboard.html', 'report-sam.html']);   // looked at in every way

let faults = 0;
let checked = 0;
const fault = (page, what) => { faults++; console.log(`${page}: ${what}`); };

// What a browser shows of a name: no control of direction, a sign for what HTML forbids, spaces in one.
const shown = (name) => name.replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/g, '\ufffd')
    .replace(/[\t\n\r ]+/g, ' ').trim();

const validator = new HtmlValidate(rules);

async function validate(file) {
    const report = await validator.validateString(readFileSync(join(directory, file), 'utf8'), file);
    for (const result of report.results)
        for (const m of result.messages.slice(0, 5)) fault(file, `line ${m.line}: ${m.ruleId}: ${m.message}`);
    if (!readFileSync(join(directory, file), 'utf8').startsWith('<!DOCTYPE html>\n<html lang="en">')) fault(file, 'does not begin as a document');
}

const browser = await chromium.launch({ executablePath: process.env.KRA_CHROMIUM || '/usr/bin/chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });

// Opens a page, in the tab that there is; whatever it does by itself is a fault.
async function open(context, file) {
    const page = context.pages()[0] ?? await context.newPage();
    page.removeAllListeners();
    const url = pathToFileURL(join(directory, file)).href;
    page.on('dialog', async (d) => { fault(file, `opened a dialog: ${d.message()}`); await d.dismiss(); });
    page.on('request', (r) => { if (r.url() !== url) fault(file, `asked for ${r.url()}`); });
    page.on('pageerror', (e) => fault(file, `raised ${e.message}`));
    page.on('console', (m) => { if (m.type() === 'error') fault(file, `complained: ${m.text()}`); });
    await page.goto(url);
    return page;
}

async function probe(context, file, hostile) {
    const page = await open(context, file);
    const found = await page.evaluate(() => {
        const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
        const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => Number(h.tagName[1]));
        const handlers = [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => /^on|^style$/.test(a.name)));
        return {
            pwned: 'pwned' in window || '__pwned' in window,
            elements: [...new Set([...document.querySelectorAll('*')].map((e) => e.localName))],
            handlers: handlers.length,
            twice: ids.filter((id, i) => ids.indexOf(id) !== i),
            pictures: document.querySelectorAll('svg').length,
            silent: [...document.querySelectorAll('svg')].filter((s) => s.getAttribute('role') !== 'img' || !s.querySelector(':scope > title')?.textContent.trim()).length,
            jumps: levels.filter((l, i) => i > 0 && l > levels[i - 1] + 1).length + (levels[0] === 1 && levels.filter((l) => l === 1).length === 1 ? 0 : 1),
            mute: [...document.querySelectorAll('.status')].filter((s) => !/[a-z]/.test(s.textContent)).length,
            bare: [...document.querySelectorAll('table')].filter((t) => !t.caption || [...t.querySelectorAll('th')].some((h) => !h.scope)).length,
            links: [...document.querySelectorAll('a[href]')].map((a) => a.getAttribute('href')),
            lost: [...document.querySelectorAll('a[href^="#"]')].filter((a) => !document.getElementById(a.getAttribute('href').slice(1))).map((a) => a.getAttribute('href')),
            text: document.body.textContent.replace(/[\t\n\r ]+/g, ' '),
            title: document.title,
            main: document.querySelectorAll('main').length,
        };
    });
    const known = new Set('html head meta title style body a header p h1 h2 h3 bdi b span nav ul li main section div article table caption thead tbody tr th td br strong footer svg desc rect path circle text'.split(' '));
    const strange = found.elements.filter((e) => !known.has(e));
    if (found.pwned) fault(file, 'ran what a name says');
    if (strange.length) fault(file, `holds elements that are not ours: ${strange}`);
    if (found.handlers) fault(file, `${found.handlers} elements with handlers or styles of their own`);
    if (found.twice.length) fault(file, `ids given twice: ${found.twice.slice(0, 5)}`);
    if (found.silent) fault(file, `${found.silent} of ${found.pictures} pictures without a text`);
    if (found.jumps) fault(file, 'headings are out of order');
    if (found.mute) fault(file, 'a status without a word');
    if (found.bare) fault(file, `${found.bare} tables without a caption or the scope of a header`);
    if (found.lost.length) fault(file, `links to nowhere: ${found.lost.slice(0, 5)}`);
    if (found.main !== 1 || !found.title.trim()) fault(file, 'has no main part, or no title');
    for (const link of found.links.filter((l) => !l.startsWith('#')))
        if (!/^report-[a-z0-9~._-]+\.html$/.test(link) || !existsSync(join(directory, link))) fault(file, `links to ${link}, which is no report`);
    for (const name of hostile)
        if (!found.text.includes(shown(name))) fault(file, `does not show ${JSON.stringify(name.slice(0, 60))}`);
    checked++;
    return found;
}

async function look(file, width, scheme, media) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
    const page = await open(context, file);
    const where = `${file} at ${width} px, ${scheme}, ${media}`;
    await page.emulateMedia({ media, colorScheme: scheme });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) fault(where, `scrolls sideways: ${wide} px`);
    if (media === 'screen') {
        await page.keyboard.press('Tab');
        const first = await page.evaluate(() => ({ text: document.activeElement.textContent, outline: getComputedStyle(document.activeElement).outlineStyle,
            left: document.activeElement.getBoundingClientRect().left }));
        if (!/^Skip/.test(first.text) || first.outline === 'none' || first.left < 0) fault(where, 'the first stop of the keyboard is no visible way to the content');
    }
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    for (const v of result.violations.filter((x) => x.impact === 'serious' || x.impact === 'critical'))
        fault(where, `${v.impact}: ${v.id}: ${v.help} (${v.nodes.length}, such as ${v.nodes[0].html.slice(0, 160)})`);
    if (result.passes.length < 10) fault(where, `only ${result.passes.length} rules of accessibility had something to look at`);
    if (media === 'print' && (await page.evaluate(() => getComputedStyle(document.querySelector('nav')).display)) !== 'none') fault(where, 'prints what is only for the screen');
    checked++;
    await context.close();
}

const written = readdirSync(directory).filter((f) => f.endsWith('.html')).sort();
for (const file of written) {
    const size = statSync(join(directory, file)).size;
    if (size > (limits[file] ?? limitOfReports)) fault(file, `${size} bytes`);
}
const files = written.filter((f) => !/^report-person/.test(f) || /0\.html$/.test(f));   // of those that are all alike, some
for (const file of files) await validate(file);
const desk = await browser.newContext({ viewport: { width: 1280, height: 900 } });
for (const file of files)
    await probe(desk, file, file === 'dashboard.html' ? Object.values(names) : Object.entries(names).filter(([f]) => f === file).map(([, name]) => name));
for (const file of readFileSync(join(directory, 'looks.txt'), 'utf8').split('\n').filter(Boolean)) {
    await look(file, 1280, 'light', 'screen');
    await look(file, 390, 'dark', 'screen');
    if (both.has(file)) {
        await look(file, 1280, 'dark', 'screen');
        await look(file, 390, 'light', 'screen');
    }
    await look(file, 740, 'dark', 'print');
}
console.log(`${files.length} of ${written.length} pages validated, ${checked} looks, ${Object.keys(names).length} hostile names`);
const real = faults;

// The same page with one name as it must never be: everything has to notice.
const broken = readFileSync(join(directory, 'dashboard.html'), 'utf8').replace('&lt;script&gt;window', '<script>window').replace('&lt;/script&gt;', '</script>')
    .replace('&lt;img src=x onerror=&quot;', '<img src=x onerror="').replace('alert(1)&quot;&gt;', 'alert(1)">');
writeFileSync(join(directory, 'broken.html'), broken);
console.log('a page with a fault in it:');
await validate('broken.html');
const validated = faults - real;
await probe(desk, 'broken.html', Object.values(names));
const planted = faults - real;
console.log(`${planted} faults found in it`);
await browser.close();
if (validated === 0 || planted - validated < 3) { console.log('the checks did not notice it'); process.exit(1); }
if (files.length < 40 || written.length < 200 || real > 0) { console.log(`${real} faults in ${files.length} of ${written.length} pages`); process.exit(1); }
