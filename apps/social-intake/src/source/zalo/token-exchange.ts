import { callProvider, type Exchange } from '#intake';
import { numberIn, textIn } from '../../normalize/json.js';

interface ZaloApp {
  /** Where Zalo signs people in. */
  readonly oauth: string;
  readonly appId: string;
  readonly appSecret: string;
}

/** Source: developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new. */
export async function exchangeToken({ oauth, appId, appSecret }: ZaloApp, refreshToken: string): Promise<Exchange> {
  const body = new URLSearchParams({ refresh_token: refreshToken, app_id: appId, grant_type: 'refresh_token' });
  const answer = await callProvider(`${oauth}/v4/oa/access_token`, { headers: { secret_key: appSecret }, body });
  if (answer.kind !== 'answered') {
    return { kind: answer.kind === 'uncertain' ? 'unknown' : 'untouched', detail: answer.detail };
  }
  const { status, body: said } = answer;
  const accessToken = textIn(said, 'access_token');
  const next = textIn(said, 'refresh_token');
  const seconds = numberIn(said, 'expires_in');
  if (accessToken !== undefined && next !== undefined && seconds !== undefined && seconds > 0) {
    const accessUntil = new Date(Date.now() + seconds * 1000);
    return { kind: 'exchanged', pair: { accessToken, accessUntil, refreshToken: next } };
  }
  const detail = `Zalo ${status} ${numberIn(said, 'error') ?? ''}`.trim();
  if (status === 429 || status === 503) return { kind: 'untouched', detail };
  const isAnswer = status < 500 && (numberIn(said, 'error') ?? 0) !== 0;
  return { kind: isAnswer || (status >= 400 && status < 500) ? 'refused' : 'unknown', detail };
}
