import { z } from 'zod';
import {
  databaseSettings,
  flag,
  kafkaSettings,
  loadSettings,
  serviceSettings,
  SettingsError,
  threadSettings,
} from './settings.js';

const schema = z.object({ ...serviceSettings, ...kafkaSettings, ...databaseSettings, ...threadSettings });
const good = {
  PORT: '3005',
  KAFKA_BROKERS: 'a:1, b:2',
  DATABASE_URL: 'postgres://u:p@127.0.0.1/x',
  THREAD_SECRETS: 'x'.repeat(32),
};

describe('loadSettings', () => {
  it('gives typed settings with defaults', () => {
    expect(loadSettings(schema, good)).toEqual({
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      INSTANCE: 'single',
      HOST: '127.0.0.1',
      PORT: 3005,
      SHUTDOWN_GRACE_MS: 2000,
      TRUSTED_PROXIES: [],
      KAFKA_BROKERS: ['a:1', 'b:2'],
      DATABASE_URL: good.DATABASE_URL,
      DATABASE_POOL_SIZE: 10,
      MIGRATE: false,
      THREAD_SECRETS: ['x'.repeat(32)],
    });
  });

  it('names every bad key and shows no value', () => {
    const bad = {
      ...good,
      PORT: 'eighty',
      DATABASE_URL: 'mysql://top-secret',
      THREAD_SECRETS: 'too-short',
      KAFKA_BROKERS: '',
    };
    const load = () => loadSettings(schema, bad);
    expect(load).toThrow(SettingsError);
    for (const key of ['PORT', 'DATABASE_URL', 'THREAD_SECRETS', 'KAFKA_BROKERS'])
      expect(load).toThrow(new RegExp(`  ${key}: `));
    for (const value of ['eighty', 'top-secret', 'too-short']) expect(load).not.toThrow(new RegExp(value));
  });

  it.each(['0', 'no', 'True', 'yes'])('refuses %s as a flag', (text) => {
    expect(() => loadSettings(z.object({ FLAG: flag }), { FLAG: text })).toThrow('FLAG');
  });
});
