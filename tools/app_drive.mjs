// Drives the page that lifts a film in one browser, as a visitor would, for app_numbers.py (needs puppeteer-core).
//   node app_drive.mjs '{"browser": "chrome"|"firefox", "program", "address", "film", "detector", "out", "puppeteer"}'
import fs from 'node:fs';
import {createRequire} from 'node:module';
const given = JSON.parse(process.argv[2]);
const {default: puppeteer} = await import(createRequire(given.puppeteer).resolve('puppeteer-core'));
const flags = given.browser === 'chrome' ? ['--no-sandbox', '--disable-gpu', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] : [];
const browser = await puppeteer.launch({browser: given.browser, executablePath: given.program, headless: true, args: flags,
  extraPrefsFirefox: {'webgl.force-enabled': true, 'media.autoplay.default': 0},
  protocolTimeout: 3_600_000});
try {
  const page = await browser.newPage();
  await page.goto(given.address);
  const until = async (...states) => {
    for (;;) {
      const state = await page.evaluate(() => window.upliftApp?.state ?? 'loading').catch(() => 'loading');
      if (states.includes(state)) return state;
      await new Promise(done => setTimeout(done, 500));
    }
  };
  await until('waiting', 'failed');
  await new Promise(done => setTimeout(done, 5000));     // a page that has just been kept may load itself once more
  await page.select('#detector', given.detector);
  await (await page.$('#file')).uploadFile(given.film);
  await until('working', 'ready', 'failed');
  const state = await until('ready', 'failed');
  const told = await page.evaluate(() => {
    const {clip, result, rate} = window.upliftApp, list = a => Array.from(a ?? []);
    return JSON.stringify({rate, isolated: self.crossOriginIsolated, agent: navigator.userAgent,
      message: document.getElementById('message').textContent, T: clip?.T, fps: clip?.fps, seconds: result?.seconds,
      points: list(clip?.points), confidence: list(clip?.confidence), joints: list(result?.joints), notes: result?.notes});
  });
  if (given.shot) await page.screenshot({path: given.shot});
  fs.writeFileSync(given.out, JSON.stringify({state, ...JSON.parse(told)}));
} finally { await browser.close(); }
