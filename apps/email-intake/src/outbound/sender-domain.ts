/** `weak`: stated, but protects nobody. `ambiguous`: stated twice, which counts as not at all. `unknown`: the name server did not say. */
export type Finding = 'ok' | 'weak' | 'missing' | 'ambiguous' | 'unknown' | 'not_asked';

export interface SenderDomain {
  readonly domain: string;
  readonly spf: Finding;
  readonly dkim: Finding;
  readonly dmarc: Finding;
}

/** TXT records of a name, joined; none where the name does not exist, undefined where nobody could say. */
export type TxtLookup = (name: string) => Promise<readonly string[] | undefined>;

/** Names that exist in no public zone (RFC 6761). */
const reserved = /(?:^|\.)(?:test|example|invalid|localhost|local|example\.(?:com|net|org))$/;

/**
 * Whether receivers can tell our mail from forgeries of it.
 * @param selector of the key that our mail server signs with; without it nobody can ask for the key.
 * @returns undefined for a domain that only exists on this machine.
 */
export async function checkSenderDomain(
  domain: string,
  selector: string | undefined,
  lookup: TxtLookup,
): Promise<SenderDomain | undefined> {
  if (reserved.test(domain)) return undefined;
  const [spf, dkim, dmarc] = await Promise.all([
    lookup(domain),
    selector === undefined ? undefined : lookup(`${selector}._domainkey.${domain}`),
    policyOf(domain, lookup),
  ]);
  return {
    domain,
    spf: judgeSpf(spf),
    dkim: selector === undefined ? 'not_asked' : judgeDkim(dkim),
    dmarc: judgeDmarc(dmarc),
  };
}

/** RFC 7489, 6.6.3: the domain's own policy, else that of the names above it; a top-level domain has none. */
async function policyOf(domain: string, lookup: TxtLookup): Promise<readonly string[] | undefined> {
  const labels = domain.split('.');
  for (let first = 0; first < labels.length - 1; first++) {
    const found = (await lookup(`_dmarc.${labels.slice(first).join('.')}`))?.filter(isPolicy);
    if (found === undefined || found.length > 0) return found;
  }
  return [];
}

const isPolicy = (record: string) => /^v=DMARC1\s*(?:;|$)/.test(record);

/** RFC 7208, 4.5 and 5.1. */
function judgeSpf(records: readonly string[] | undefined): Finding {
  if (records === undefined) return 'unknown';
  const [policy, second] = records.filter((record) => /^v=spf1(?: |$)/i.test(record));
  if (policy === undefined) return 'missing';
  if (second !== undefined) return 'ambiguous';
  if (/\sredirect=/i.test(policy)) return 'ok';
  return /\s[-~]all(?:\s|$)/i.test(policy) ? 'ok' : 'weak';
}

/** RFC 6376, 3.6.1: an empty key is a revoked one. */
function judgeDkim(records: readonly string[] | undefined): Finding {
  if (records === undefined) return 'unknown';
  return records.some((record) => /(?:^|;)\s*p=\s*[A-Za-z0-9+/]/.test(record)) ? 'ok' : 'missing';
}

/** RFC 7489, 6.3: `p=none` asks receivers for nothing. */
function judgeDmarc(policies: readonly string[] | undefined): Finding {
  if (policies === undefined) return 'unknown';
  const [policy, second] = policies;
  if (policy === undefined) return 'missing';
  if (second !== undefined) return 'ambiguous';
  return /;\s*p=(?:quarantine|reject)\s*(?:;|$)/i.test(policy) ? 'ok' : 'weak';
}
