import { Algorithm, hash, verify } from '@node-rs/argon2';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane. Source: Password Storage Cheat Sheet. */
const cost = { algorithm: 2 satisfies Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** argon2id in PHC form, with its own salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

export function isPassword(phc: string, password: string): Promise<boolean> {
  return verify(phc, password);
}

let nobody: Promise<string> | undefined;

/** Takes as long as a real check, so that time does not tell which addresses have an account. */
export async function checkNobody(password: string): Promise<false> {
  nobody ??= hashPassword('nobody has this password');
  await isPassword(await nobody, password);
  return false;
}
