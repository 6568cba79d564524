import { attachmentDisposition, safeType } from './content-headers.js';

it.each([
  ['report.pdf', `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
  ['biên bản.pdf', `attachment; filename="bien ban.pdf"; filename*=UTF-8''bi%C3%AAn%20b%E1%BA%A3n.pdf`],
  ['../../etc/passwd', `attachment; filename=".._.._etc_passwd"; filename*=UTF-8''.._.._etc_passwd`],
  [
    'a"b;c\r\nSet-Cookie: x',
    `attachment; filename="a_b_c__Set-Cookie: x"; filename*=UTF-8''a%22b%3Bc__Set-Cookie%3A%20x`,
  ],
  ['gpj.‮exe', `attachment; filename="gpj._exe"; filename*=UTF-8''gpj._exe`],
  ['', `attachment; filename="file"; filename*=UTF-8''file`],
  ['ảnh', `attachment; filename="anh"; filename*=UTF-8''%E1%BA%A3nh`],
  ['图片', `attachment; filename="file"; filename*=UTF-8''%E5%9B%BE%E7%89%87`],
  ['\ud800x', `attachment; filename="x"; filename*=UTF-8''%EF%BF%BDx`],
])('names %j safely', (name, expected) => {
  expect(attachmentDisposition(name)).toBe(expected);
});

it.each([
  ['image/png', 'image/png'],
  ['text/html', 'application/octet-stream'],
  ['image/svg+xml', 'application/octet-stream'],
  ['application/xml', 'application/octet-stream'],
  [undefined, 'application/octet-stream'],
])('sends %s as %s', (detected, expected) => {
  expect(safeType(detected)).toBe(expected);
});
