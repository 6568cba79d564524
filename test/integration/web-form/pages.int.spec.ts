import { join } from 'node:path';
import { jest } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { findFormReference, topics } from '#contracts';
import { uniqueName, waitFor } from '#testing';
import { describeInBrowser, launchBrowser } from './browser.js';
import { recordsOf, type ServiceUnderTest, startService } from './service-under-test.js';

const phone = { width: 360, height: 740 };
const desktop = { width: 1200, height: 900 };
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

// Axe and a browser on a busy machine take their time.
jest.setTimeout(120_000);

describeInBrowser('the pages in a browser', () => {
  let service: ServiceUnderTest;
  let browser: Browser;
  let base: string;
  const began = Date.now() - 1_000;
  const opened: Page[] = [];

  beforeAll(async () => {
    service = await startService();
    await service.app.listen(0, '127.0.0.1');
    base = (await service.app.getUrl()).replace('[::1]', '127.0.0.1');
    browser = await launchBrowser();
  }, 60_000);
  afterEach(async () => {
    for (const page of opened.splice(0)) await page.context().close();
  });
  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  async function open(
    options: { javaScriptEnabled?: boolean; viewport?: typeof phone; locale?: string } = {},
  ): Promise<Page> {
    const context = await browser.newContext({ viewport: desktop, locale: 'vi-VN', ...options });
    const page = await context.newPage();
    opened.push(page);
    return page;
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  /** axe finds nothing, nothing is wider than the screen. axe itself needs the page's scripts to be on. */
  async function expectUsable(page: Page, name: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBe(0);
    await picture(page, name);
  }

  it.each([
    ['vi', desktop, 'Yêu cầu hỗ trợ'],
    ['vi', phone, 'Yêu cầu hỗ trợ'],
    ['en', phone, 'Ask for support'],
  ])('shows the form in %s on a screen of %j', async (language, viewport, title) => {
    const page = await open({ viewport });
    await page.goto(`${base}/forms/${service.forms.rich}?lang=${language}`);
    expect(await page.locator('h1').textContent()).toBe(title);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    await expectUsable(page, `form-${language}-${viewport.width}`);
  });

  it('follows the language of the browser, and changes it by a link', async () => {
    const page = await open({ locale: 'en-GB' });
    await page.goto(`${base}/forms/${service.forms.rich}`);
    expect(await page.locator('h1').textContent()).toBe('Ask for support');
    await page.getByRole('link', { name: 'Tiếng Việt' }).click();
    expect(await page.locator('h1').textContent()).toBe('Yêu cầu hỗ trợ');
  });

  it('takes a submission with a file without JavaScript, by keyboard', async () => {
    const page = await open({ javaScriptEnabled: false, viewport: phone });
    await page.goto(`${base}/forms/${service.forms.plain}?lang=vi`);
    const message = uniqueName('Mất mạng từ sáng');
    await page.getByLabel('Nội dung').focus();
    await page.keyboard.type(message);
    await page.getByLabel('E-mail').fill('lan@example.vn');
    await page.getByText('4', { exact: true }).click();
    await page.setInputFiles('input[type=file]', { name: 'ảnh.png', mimeType: 'image/png', buffer: png });
    await page.getByLabel('E-mail').focus();
    await page.keyboard.press('Enter');
    const reference = findFormReference((await page.locator('.reference').textContent()) ?? '');
    expect(reference).toBeDefined();
    await picture(page, 'thanks');
    const event = await waitFor(async () => await eventOf(message));
    expect(event).toMatchObject({
      account: service.forms.plain,
      text: message,
      reference,
      language: 'vi',
      author: { identity: { kind: 'email', value: 'lan@example.vn' } },
      rating: { answers: [{ item: 'overall', value: 4, scale: 5 }] },
      attachments: [
        { name: 'ảnh.png', mediaType: 'image/png', detectedType: 'image/png', bytes: png.length, inline: false },
      ],
    });
  });

  it('says by field what is wrong, keeps what was written, and leads to the field', async () => {
    const page = await open({ viewport: phone });
    await page.goto(`${base}/forms/${service.forms.rich}?lang=vi`);
    await page.getByLabel('E-mail').fill('không phải địa chỉ');
    await page.getByLabel('Tiêu đề').fill('Đường truyền <b>');
    await page.getByRole('button', { name: 'Gửi' }).click();
    const links = page.locator('.summary a');
    expect(await links.allTextContents()).toEqual([
      'Nội dung: Mục này là bắt buộc.',
      'Đơn vị: Mục này là bắt buộc.',
      'E-mail: Giá trị không đúng dạng.',
      'Tôi đồng ý xử lý dữ liệu.: Mục này là bắt buộc.',
    ]);
    const email = page.getByLabel('E-mail');
    expect(await email.inputValue()).toBe('không phải địa chỉ');
    expect(await page.getByLabel('Tiêu đề').inputValue()).toBe('Đường truyền <b>');
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    const described = ((await email.getAttribute('aria-describedby')) ?? '').split(' ')[0];
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe('Giá trị không đúng dạng.');
    await expectUsable(page, 'errors');
    await links.nth(2).click();
    expect(await page.evaluate('document.activeElement.name')).toBe('email');
  });

  it('loads nothing from elsewhere and runs no script', async () => {
    const page = await open();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).origin));
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(`${base}/forms/${service.forms.rich}`);
    expect([...new Set(requests)]).toEqual([base]);
    expect(problems.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
    expect(await page.locator('script').count()).toBe(0);
  });

  it('embeds in a page of another origin as a dialog, and sends from there', async () => {
    const page = await open({ viewport: phone });
    await page.route('http://example.test/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        headers: { 'content-security-policy': `script-src ${base}; connect-src ${base}; style-src 'none'` },
        body: `<!doctype html><html lang="vi"><head><title>Trang khách</title></head><body><main><h1>Trang khách</h1></main>
          <script src="${base}/widget.js?form=${service.forms.rich}"></script></body></html>`,
      }),
    );
    await page.goto('http://example.test/');
    await page.getByRole('button', { name: 'Yêu cầu hỗ trợ' }).click();
    await page.getByRole('button', { name: 'Gửi', exact: true }).click();
    await page.getByText('Mục này là bắt buộc.').first().waitFor();
    await expectUsable(page, 'widget-errors');
    const message = uniqueName('Từ trang khách');
    await page.getByLabel('Nội dung').fill(message);
    await page.getByRole('textbox', { name: 'Đơn vị (bắt buộc)' }).fill('Toà án huyện');
    await page.getByLabel('Chủ đề').selectOption('internet');
    await page.getByLabel('Tôi đồng ý').check();
    await page.setInputFiles('input[type=file]', { name: 'a.png', mimeType: 'image/png', buffer: png });
    await page.getByRole('button', { name: 'Gửi', exact: true }).click();
    const reference = findFormReference((await page.locator('.reference').textContent()) ?? '');
    expect(reference).toBeDefined();
    await expectUsable(page, 'widget-thanks');
    const event = await waitFor(async () => await eventOf(message));
    expect(event).toMatchObject({
      account: service.forms.rich,
      reference,
      fields: { unit: 'Toà án huyện', topic: 'internet', consent: true, consent_version: '2026-01' },
      attachments: [{ name: 'a.png' }],
    });
  });

  async function eventOf(text: string): Promise<unknown> {
    const records = await recordsOf(topics.feedbackReceived, undefined, began);
    return records
      .map(({ bytes }) => JSON.parse(String(bytes)) as { text: string })
      .find((event) => event.text === text);
  }
});
