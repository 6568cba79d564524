import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('resolves with the first result that holds', async () => {
    const answers = [false, undefined, null, 'here'];
    expect(await waitFor(() => answers.shift(), { everyMs: 1 })).toBe('here');
  });

  it('takes zero and the empty text for results', async () => {
    expect(await waitFor(() => 0)).toBe(0);
    expect(await waitFor(() => '')).toBe('');
  });

  it('says what it waited for and why it did not hold', async () => {
    const fail = () => {
      throw new Error('no such ticket');
    };
    await expect(waitFor(fail, { timeoutMs: 5, everyMs: 1, describe: 'the ticket' })).rejects.toMatchObject({
      message: 'waited 5 ms in vain for the ticket',
      cause: new Error('no such ticket'),
    });
  });
});
