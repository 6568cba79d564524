import { z } from 'zod';
import { type Role, roles } from '#contracts';
import { storeSettings, tokenSettings } from '#env';
import { answerSettings } from './answer-settings.js';
import { uploadSettings } from './upload-settings.js';

/** Injection token of the API's part of the settings. */
export const API_SETTINGS = 'API_SETTINGS';

export interface BootstrapAccount {
  readonly email: string;
  readonly password: string;
  readonly role: Role;
  readonly name: string;
}

const bootstrapAccounts = z.array(
  z.strictObject({
    email: z.email().max(320),
    password: z.string().min(8).max(256),
    role: z.enum(roles),
    name: z.string().min(1).max(200),
  }),
);

/** The API's part of ticketing's settings. */
export const apiSettings = {
  TOKEN_ISSUER: tokenSettings.TOKEN_ISSUER,
  TOKEN_AUDIENCE: tokenSettings.TOKEN_AUDIENCE,
  STORE_DIR: storeSettings.STORE_DIR,
  ...answerSettings,
  ...uploadSettings,
  /** JSON `[{email, password, role, name}]`: accounts that exist with these words after each start. For a first admin and for laptops. */
  BOOTSTRAP_ACCOUNTS: z
    .string()
    .default('[]')
    .transform((text, context): BootstrapAccount[] => {
      const parsed = bootstrapAccounts.safeParse(readJson(text));
      if (parsed.success) return parsed.data;
      const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the whole'))].join(', ');
      context.addIssue({ code: 'custom', message: `must be JSON [{email, password, role, name}]; wrong: ${fields}` });
      return z.NEVER;
    }),
} as const;

export interface ApiSettings extends z.output<z.ZodObject<typeof apiSettings>> {
  readonly KAFKA_BROKERS: readonly string[];
  readonly INSTANCE: string;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds passwords.
    return undefined;
  }
}
