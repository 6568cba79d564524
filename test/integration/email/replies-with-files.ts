import { readdir } from 'node:fs/promises';
import { type ParsedMail, simpleParser } from 'mailparser';
import { contracts, replyRequestedMessage } from '#contracts';
import { Publisher } from '#kafka';
import { createLogger } from '#observability';
import { aFeedback, testBrokers, uniqueName } from '#testing';
import { ApiUnderTest } from '../ticketing-api/api-under-test.js';
import { answered, aPicture, requestOf, sendFile } from '../ticketing-api/upload-calls.js';
import { Customer } from './customer.js';
import { type EmailService, emailService } from './email-service.js';

/** From the agent's form to the customer's mail program: ticketing and email-intake share a store and nothing else. */
describe('an answer with files', () => {
  let api: ApiUnderTest;
  let service: EmailService;
  const publisher = new Publisher({ brokers: testBrokers(), clientId: 'test', logger: createLogger('test', 'silent') });

  beforeAll(async () => {
    await publisher.start();
    api = await ApiUnderTest.start();
    service = await emailService();
    await service.start({ STORE_DIR: api.storeDir });
  });
  afterAll(async () => {
    await publisher.close();
    await service.close();
    await api.close();
  });

  it('reaches the customer byte for byte, with names and types as they are', async () => {
    const picture = aPicture(3_000_000);
    const text = Buffer.from('Biên bản làm việc\r\n.\r\nFrom x\r\n--XyZ--\r\n');
    const customer = new Customer(`${uniqueName('lan')}@school.example.vn`);
    const identity = { kind: 'email' as const, value: customer.address };
    const ticket = await api.receive(aFeedback({ account: service.account, author: { identity, verified: true } }));
    const attachments = [
      await sendFile(api, picture, { name: 'ảnh màn hình.png', type: 'image/png' }),
      await sendFile(api, text, { name: '../../biên bản (cuối); x.txt', type: 'text/plain' }),
    ].map(({ body }) => String(body.id));

    const { body } = await answered(api, ticket, { text: 'Xin gửi ảnh và biên bản.', attachments });
    const request = contracts.replyRequested.schema.parse(await requestOf(api, body.id));
    await publisher.publish([replyRequestedMessage('email', request)]);

    const [source = ''] = await customer.receive(1);
    const mail: ParsedMail = await simpleParser(source);
    expect(mail.text?.trim()).toBe('Xin gửi ảnh và biên bản.');
    const got = mail.attachments.map(({ filename, contentType, contentDisposition, content }) => ({
      ...{ filename, contentType, contentDisposition },
      same: content.equals(contentType === 'image/png' ? picture : text),
    }));
    expect(got).toEqual([
      { filename: 'ảnh màn hình.png', contentType: 'image/png', contentDisposition: 'attachment', same: true },
      { filename: 'biên bản (cuối); x.txt', contentType: 'text/plain', contentDisposition: 'attachment', same: true },
    ]);
    expect(await readdir(`${api.storeDir}/staging`)).toEqual([]);
  });
});
